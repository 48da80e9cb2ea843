select * from {{ ref('acme_log') }}
