"""Which record of a CRM is which account, where domains alone say so."""

from crm_world import World, on


def test_a_domain_is_that_of_one_that_goes_on_and_no_page_on_a_site_of_many(project, tmp_path):
    world = World(project, tmp_path)
    domains = {
        "old": "https://shared.test",
        "new": "shared.test",
        "gone": "gone.test",
        "page": "https://www.linkedin.com/company/page",
        "network": "linkedin.com",
    }
    for name, domain in domains.items():
        world.account(name, domain=domain)
    world.logins(3, *domains)
    world.table(
        "account_merges",
        *[{"account_id": name, "into_account_id": "new", "merged_at": on(4)} for name in ("old", "gone")],
    )
    records = {
        "1": "www.shared.test",
        "2": "gone.test",
        "3": "de.linkedin.com/company/else/",
        "4": "http://linkedin.com/",
        "5": "netflix.com/linkedin",
    }
    world.table(
        "crm_records",
        *[
            {"crm_system": "hubspot", "crm_record_id": name, "domain": domain, "is_deleted": "f"}
            for name, domain in records.items()
        ],
        {"crm_system": "hubspot", "crm_record_id": "6", "domain": "shared.test", "is_deleted": "t"},
    )
    world.build(on(10), select=("+crm_reconciliation",))
    links = world.rows(
        "select crm_record_id, pql_account_id, is_ambiguous from crm_identity_seed order by all"
    )
    assert links == [("1", "new", False), ("2", "gone", False), ("4", "network", False)]
    unlinked = world.rows("select crm_record_id, reason from int_crm_unlinked_records order by all")
    assert unlinked == [("3", "no_domain"), ("5", "no_account_of_domain"), ("6", "deleted")]
