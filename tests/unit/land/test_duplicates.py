def reasons(shop):
    return [(line, reason) for _, line, _, _, reason in shop.quarantine()]


def test_the_newest_updated_record_stands_else_the_last(shop):
    shop.put(
        "shop/things/2025-01-05T060000Z.csv",
        "id,size,updated_at\n"
        "a,1,2025-01-02T00:00:00Z\na,2,2025-01-01T00:00:00Z\na,3,\n"
        "b,1,\nb,2,\n"
        "c,1,2025-01-01T00:00:00Z\nc,2,2025-01-01T00:00:00.500000Z\nc,3,2025-01-01T01:00:00+01:00\n",
    )
    shop.land()
    assert shop.ask("select id, size from raw_shop.things order by id") == [("a", 1), ("b", 2), ("c", 2)]
    assert reasons(shop) == [
        (2, "duplicate of line 1 (same id)"),
        (3, "duplicate of line 1 (same id)"),
        (4, "duplicate of line 5 (same id)"),
        (6, "duplicate of line 7 (same id)"),
        (8, "duplicate of line 7 (same id)"),
    ]


def test_a_record_repeated_in_its_file_is_a_duplicate_and_in_another_file_unchanged(shop):
    shop.put("shop/plain/2025-01-05T060000Z-1.csv", "id,value\na,1\na,1\nb,1\n")
    shop.put("shop/plain/2025-01-05T060000Z-2.csv", "id,value\nb,1\nc,1\n")
    report = shop.land()
    assert reasons(shop) == [(1, "duplicate of line 2 (same id)")]
    total = report.total()
    assert (total.landed, total.unchanged, total.quarantined) == (3, 1, 1)


def test_parts_of_one_extract_follow_the_same_rule_in_one_landing_or_several(shop_at, project, tmp_path):
    parts = {
        "1": "id,size,updated_at\na,1,2025-01-02T00:00:00Z\nb,1,\nx,1,\n",
        "2": "id,size,updated_at\na,2,2025-01-01T00:00:00Z\nb,2,\ny,1,\n",
    }
    expected = [("a", 1), ("b", 2), ("x", 1), ("y", 1)]
    losers = [
        ("2", 1, "duplicate of line 1 in", "-1.csv (same id)"),
        ("1", 2, "duplicate of line 2 in", "-2.csv (same id)"),
    ]
    for name, order in {"at once": ["12"], "in order": ["1", "2"], "backwards": ["2", "1"]}.items():
        shop = shop_at(tmp_path / name, project)
        for landing in order:
            for part in landing:
                shop.put(f"shop/things/2025-01-05T060000Z-{part}.csv", parts[part])
            shop.land()
        assert shop.ask("select id, size from raw_shop.things order by id") == expected, name
        assert [row[:2] for row in shop.presence()] == expected, name
        quarantine = {(file[-5], line): reason for file, line, _, _, reason in shop.quarantine()}
        for part, line, start, end in losers:
            assert quarantine[part, line].startswith(start), name
            assert quarantine[part, line].endswith(end), name
        assert shop.ask("select sum(quarantined_count) from raw.raw_extracts") == [(2,)], name


def test_a_part_that_changes_a_row_known_from_before_moves_only_that_extract(shop):
    for day in ("03", "05", "07"):
        shop.put(f"shop/plain/2025-01-{day}T060000Z-1.csv", "id,value\na,1\nb,1\n")
    shop.land()
    shop.put("shop/plain/2025-01-05T060000Z-2.csv", "id,value\na,2\n")
    shop.land()
    assert shop.presence("plain") == [
        ("a", 1, 3, 3, None),
        ("a", 1, 7, 7, 5),
        ("a", 2, 5, 5, 3),
        ("b", 1, 3, 7, None),
    ]
    ((file, line, _, _, reason),) = shop.quarantine()
    assert file.endswith("05T060000Z-1.csv")
    assert line is None, "its number in a file that brought nothing new is not kept"
    assert reason == "duplicate of line 1 in shop/plain/2025-01-05T060000Z-2.csv (same id)"


def test_keys_of_several_columns_may_hold_nulls(shop):
    shop.put(
        "shop/pairs/2025-01-05T060000Z.csv",
        "left_id,right_id,value\na,1,x\na,,y\na,1.0,z\n,1,no\na,two,no\n",
    )
    shop.land()
    assert shop.ask("select left_id, right_id, value from raw_shop.pairs order by value") == [
        ("a", None, "y"),
        ("a", 1, "z"),
    ]
    assert reasons(shop) == [
        (1, "duplicate of line 3 (same left_id, right_id)"),
        (4, "empty, but every record needs it"),
        (5, "cannot be read as a whole number, e.g. 42"),
    ]
    assert shop.ask("select is_full from raw.raw_extracts") == [(False,)]
