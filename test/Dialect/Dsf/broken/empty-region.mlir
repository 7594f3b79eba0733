dsf.recurrence @r
