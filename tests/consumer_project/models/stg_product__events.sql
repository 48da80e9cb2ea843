-- another of the same name, which is an input of the package as well: who works in which workspace
select distinct person as user_id, workspace as account_id from {{ ref('acme_log') }}
