-- a model of this project that is called as one of the package's
select distinct workspace, 'bronze' as contract from {{ ref('acme_log') }}
