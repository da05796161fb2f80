from metrics_py.ddqs import ddqs_statistics


def model(dbt, session):
    return ddqs_statistics(dbt.ref("int_features__ddqs_summaries").pl())
