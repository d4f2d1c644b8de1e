#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The pipeline that the demo profiles, as an ordinary script: nothing in it knows
# of tpprobe. Orders are made up, split, packed by two gzip at a time, sorted by
# two threads, joined with customers, counted, loaded into a database, archived.
set -eu
orders=${1:-250000}

# Orders: number, customer, article, cents. Random but the same every time.
gawk -v n="$orders" 'BEGIN {
	srand(42)
	for (i = 1; i <= n; i++)
		printf "%d\tc%05d\ta%03d\t%d\n", i, rand() * 20000, rand() * rand() * 500, 100 + rand() * 90000
}' >orders.tsv

seq 0 19999 | gawk '{ printf "c%05d\t%s\n", $1, $1 % 7 ? "retail" : "wholesale" }' >customers.tsv

# Parallel children: eight parts, two gzip at a time.
split -n l/8 orders.tsv part.
printf '%s\n' part.?? | xargs -P 2 -n 1 gzip -9

# A pipe into a sort with two threads, joined with the customers.
zcat part.*.gz | sort --parallel=2 -S 64M -t $'\t' -k 2,2 >by_customer.tsv
join -t $'\t' -1 2 -2 1 by_customer.tsv customers.tsv >joined.tsv

# What sells: a pipe of five.
cut -f 3 joined.tsv | sort | uniq -c | sort -rn | head -n 5

# A database.
sqlite3 shop.db >turnover.txt <<'SQL'
PRAGMA journal_mode = MEMORY;
CREATE TABLE orders (customer TEXT, id INTEGER, article TEXT, cents INTEGER, kind TEXT);
.mode tabs
.import joined.tsv orders
CREATE INDEX by_article ON orders (article);
SELECT kind, count(*), sum(cents) FROM orders GROUP BY kind ORDER BY kind;
SQL
cat turnover.txt

# Archives: a multi-threaded one, then one with sums.
zstd -q -T2 -12 -f joined.tsv -o joined.tsv.zst
tar -cf - shop.db turnover.txt | xz -T2 -1 >shop.tar.xz
sha256sum joined.tsv.zst shop.tar.xz | tee SHA256SUMS
sha256sum --quiet -c SHA256SUMS
