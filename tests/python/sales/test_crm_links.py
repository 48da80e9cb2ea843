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


def test_a_company_of_several_domains_is_found_by_each_and_its_own_goes_first(project, tmp_path):
    world = World(
        project,
        tmp_path,
        pql_crm_record_sources=[
            {"name": "hubspot", "adapter": "hubspot"},
            {
                "name": "attio",
                "adapter": "table",
                "tables": {"crm_records": "attio"},
                "columns": {"crm_record_id": "id", "other_domains": "domains"},
            },
        ],
    )
    world.account("north", "south", "east", "west", "moved")
    world.account("mail", domain="gmail.com")
    world.logins(3, "north", "south", "east", "west", "moved", "mail")
    # the domain that an account has had since; one that it will have is none yet
    for value, day in (("before.test", 1), ("after.test", 4), ("later.test", 20)):
        row = {"account_id": "moved", "attribute": "domain", "value": value, "changed_at": on(day)}
        world.table("account_changes", row)
    companies = {
        "1": ("north.test", "https://www.South.test/about; east.test"),
        "2": ("elsewhere.test", "west.test;gmail.com; north.test"),
        "3": ("gmail.com", "after.test"),
        "4": ("before.test", "later.test; moved.test"),
        "5": (None, "gmail.com"),
    }
    world.table(
        "companies",
        *[
            {"id": name, "properties": {"domain": own, "hs_additional_domains": further}}
            for name, (own, further) in companies.items()
        ],
    )
    listed = [{"domain": "south.test", "root_domain": "south.test"}, {"domain": "east.test"}]
    world.table("attio", {"id": "6", "crm_system": "attio", "domains": listed})
    world.build(on(5), select=("+crm_reconciliation", "+int_crm_record_domains"))
    links = world.rows(
        "select crm_record_id, pql_account_id, is_ambiguous from crm_identity_seed order by all"
    )
    assert links == [
        ("1", "north", False),
        ("2", "west", False),
        ("3", "moved", False),
        ("6", "east", True),
        ("6", "south", True),
    ]
    unlinked = world.rows("select crm_record_id, reason from int_crm_unlinked_records order by all")
    assert unlinked == [("4", "no_account_of_domain"), ("5", "free_mail_domain"), ("6", "several_accounts")]
    reasons = world.rows(
        "select pql_account_id, reason from crm_reconciliation "
        "where crm_system = 'hubspot' and issue = 'no_record' order by all"
    )
    assert reasons == [
        ("east", "record_of_another_account"),
        ("mail", "free_mail_domain"),
        ("south", "record_of_another_account"),
    ]
    assert world.rows("select domain from dim_accounts where account_id = 'moved'") == [("after.test",)]
