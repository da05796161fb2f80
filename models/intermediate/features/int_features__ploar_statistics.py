from metrics_py.ploar import ploar_statistics


def model(dbt, session):
    return ploar_statistics(dbt.ref("int_features__ploar_summaries").pl())
