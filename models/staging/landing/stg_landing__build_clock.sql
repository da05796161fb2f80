-- One row: the instant this build looks from, and its local date.
select
    {{ as_of_instant() }} as as_of,
    {{ org_date(as_of_instant()) }} as as_of_on
