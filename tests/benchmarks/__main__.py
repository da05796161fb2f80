"""`make bench`: every benchmark, each in processes of its own; prints the figures the README quotes."""

from tests.benchmarks import bench_build, bench_percentile

if __name__ == "__main__":
    bench_build.main()
    bench_percentile.main()
