select distinct workspace, timestamp '2026-05-01' as signed_up_at from {{ ref('acme_log') }}
