select 'paid' as workspace, timestamp '2026-05-06 10:30:00' as paid_at
