# ruff: noqa: F401
"""The statistics of the precision check: pure functions of counts and short arrays, no warehouse.

One name for all of it; the method, with its formulas and check values, is docs/statistics.md.

  intervals   one proportion: intervals, verdicts, sequential evidence, sample size
  outcomes    states, precision, recall, landmark; matched base rate, lift and relative rate
  resampling  intervals of lift and relative rate
  curves      Aalen–Johansen: time from qualification to conversion
  compare     two definitions on the same accounts; drift over months
  falling     a rule that has become worse than it was, asked every week
  search      many criteria at once: false discoveries, permutation null, ranking
  ranking     precision, capture and lift of the best of each week, by account
  score       points score: fit, rounding, calibration
"""

from pql_tools.statistics.compare import (
    Comparison,
    SwapSets,
    Trend,
    chi_square_p,
    compare_definitions,
    drift,
    drift_of_ratio,
)
from pql_tools.statistics.curves import (
    CENSORED,
    CLOSED,
    CONVERTED,
    Curve,
    aalen_johansen,
    incidence_at,
    waiting_times,
)
from pql_tools.statistics.falling import (
    Fall,
    Groups,
    fall,
    has_fallen,
    log_fall_evidence,
    matched_groups,
)
from pql_tools.statistics.intervals import (
    FAIL,
    INCONCLUSIVE,
    INSUFFICIENT,
    PASS,
    DecisionLimits,
    Estimate,
    Interval,
    Share,
    Verdict,
    binomial_at_least,
    clopper_pearson,
    decision_limits,
    difference,
    holdout_size,
    log_e_process,
    lower_bound,
    sequential_verdict,
    upper_bound,
    verdict,
    wilson,
    z_value,
)
from pql_tools.statistics.outcomes import (
    DAY,
    MATURE,
    NEVER,
    Accounts,
    Landmark,
    MatchedCounts,
    MatchedRate,
    Recall,
    account_times,
    as_times,
    known_at,
    landmark,
    lead_times,
    matched_counts,
    matched_rate,
    naive_precision,
    outcome_states,
    precision,
    rate_of,
    recall,
    signup_months,
)
from pql_tools.statistics.ranking import Cut, best_of, best_of_each, cut_of, share_of
from pql_tools.statistics.resampling import (
    linear_ratio_interval,
    ratio_interval,
)
from pql_tools.statistics.score import (
    Logistic,
    PointScore,
    auc,
    calibration_error,
    calibration_null,
    fit_logistic,
    fit_points,
)
from pql_tools.statistics.search import (
    holm,
    pareto_front,
    permutation_p,
    permute_within,
)
