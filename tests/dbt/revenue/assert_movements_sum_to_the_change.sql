-- Months whose movements do not sum, to the cent, to the change of ARR since the last covered month.
select
    month_start,
    arr,
    opening_arr,
    new_arr + expansion_arr + contraction_arr + churn_arr + reactivation_arr as moved_arr

from {{ ref('arr_by_month') }}
where
    opening_arr is not null
    and arr - opening_arr <> new_arr + expansion_arr + contraction_arr + churn_arr + reactivation_arr
