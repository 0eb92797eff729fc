#include <array>
#include <stdexcept>

#include <sqlite3.h>

#include "bench/generator.hpp"

namespace migrate::bench {
namespace {

constexpr const char* k_tables = R"(
CREATE TABLE region (r_regionkey INTEGER NOT NULL PRIMARY KEY, r_name VARCHAR(25) NOT NULL, r_comment VARCHAR(152));
CREATE TABLE nation (n_nationkey INTEGER NOT NULL PRIMARY KEY, n_name VARCHAR(25) NOT NULL,
  n_regionkey INTEGER NOT NULL REFERENCES region(r_regionkey), n_comment VARCHAR(152));
CREATE TABLE supplier (s_suppkey INTEGER NOT NULL PRIMARY KEY, s_name VARCHAR(25) NOT NULL, s_address VARCHAR(40) NOT NULL,
  s_nationkey INTEGER NOT NULL REFERENCES nation(n_nationkey), s_phone VARCHAR(15) NOT NULL, s_acctbal REAL NOT NULL,
  s_comment VARCHAR(101) NOT NULL);
CREATE TABLE customer (c_custkey INTEGER NOT NULL PRIMARY KEY, c_name VARCHAR(25) NOT NULL, c_address VARCHAR(40) NOT NULL,
  c_nationkey INTEGER NOT NULL REFERENCES nation(n_nationkey), c_phone VARCHAR(15) NOT NULL, c_acctbal REAL NOT NULL,
  c_mktsegment VARCHAR(10) NOT NULL, c_comment VARCHAR(117) NOT NULL);
CREATE TABLE part (p_partkey INTEGER NOT NULL PRIMARY KEY, p_name VARCHAR(55) NOT NULL, p_mfgr VARCHAR(25) NOT NULL,
  p_brand VARCHAR(10) NOT NULL, p_type VARCHAR(25) NOT NULL, p_size INTEGER NOT NULL, p_container VARCHAR(10) NOT NULL,
  p_retailprice REAL NOT NULL, p_comment VARCHAR(23) NOT NULL);
CREATE TABLE partsupp (ps_partkey INTEGER NOT NULL REFERENCES part(p_partkey),
  ps_suppkey INTEGER NOT NULL REFERENCES supplier(s_suppkey), ps_availqty INTEGER NOT NULL, ps_supplycost REAL NOT NULL,
  ps_comment VARCHAR(199) NOT NULL, PRIMARY KEY (ps_partkey, ps_suppkey));
CREATE TABLE orders (o_orderkey INTEGER NOT NULL PRIMARY KEY, o_custkey INTEGER NOT NULL REFERENCES customer(c_custkey),
  o_orderstatus VARCHAR(1) NOT NULL, o_totalprice REAL NOT NULL, o_orderdate DATE NOT NULL, o_orderpriority VARCHAR(15) NOT NULL,
  o_clerk VARCHAR(15) NOT NULL, o_shippriority INTEGER NOT NULL, o_comment VARCHAR(79) NOT NULL);
CREATE TABLE lineitem (l_orderkey INTEGER NOT NULL REFERENCES orders(o_orderkey), l_partkey INTEGER NOT NULL,
  l_suppkey INTEGER NOT NULL, l_linenumber INTEGER NOT NULL, l_quantity REAL NOT NULL, l_extendedprice REAL NOT NULL,
  l_discount REAL NOT NULL, l_tax REAL NOT NULL, l_returnflag VARCHAR(1) NOT NULL, l_linestatus VARCHAR(1) NOT NULL,
  l_shipdate DATE NOT NULL, l_commitdate DATE NOT NULL, l_receiptdate DATE NOT NULL, l_shipinstruct VARCHAR(25) NOT NULL,
  l_shipmode VARCHAR(10) NOT NULL, l_comment VARCHAR(44) NOT NULL, PRIMARY KEY (l_orderkey, l_linenumber),
  FOREIGN KEY (l_partkey, l_suppkey) REFERENCES partsupp(ps_partkey, ps_suppkey));
)";

constexpr const char* k_indexes = R"(
CREATE INDEX orders_custkey ON orders(o_custkey);
CREATE INDEX lineitem_part_supplier ON lineitem(l_partkey, l_suppkey);
CREATE INDEX lineitem_shipdate ON lineitem(l_shipdate);
)";

constexpr std::string_view k_regions[] = {"NORTH", "EAST", "SOUTH", "WEST", "CENTRE"};
constexpr std::string_view k_segments[] = {"AUTOMOBILE", "BUILDING", "FURNITURE", "HOUSEHOLD", "MACHINERY"};
constexpr std::string_view k_priorities[] = {"1-URGENT", "2-HIGH", "3-MEDIUM", "4-LOW", "5-NONE"};
constexpr std::string_view k_containers[] = {"SM BOX", "MED BAG", "LG CASE", "JUMBO PACK", "WRAP JAR"};
constexpr std::string_view k_modes[] = {"AIR", "FOB", "MAIL", "RAIL", "SHIP", "TRUCK", "REG AIR"};
constexpr std::string_view k_instructions[] = {"COLLECT COD", "DELIVER IN PERSON", "NONE",
                                               "TAKE BACK RETURN"};
constexpr std::string_view k_types[] = {"STANDARD BRUSHED TIN", "SMALL PLATED STEEL",
                                        "ECONOMY BURNISHED COPPER"};
constexpr std::int64_t k_last_day = 2405;

class Database {
  public:
    explicit Database(const std::string& path) {
        require(
            sqlite3_open_v2(path.c_str(), &m_handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr));
    }
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database() { sqlite3_close(m_handle); }

    void execute(const char* sql) { require(sqlite3_exec(m_handle, sql, nullptr, nullptr, nullptr)); }
    void require(int code) const {
        if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW) {
            throw std::runtime_error(std::string("sqlite: ") + sqlite3_errmsg(m_handle));
        }
    }
    [[nodiscard]] sqlite3* handle() const noexcept { return m_handle; }

  private:
    sqlite3* m_handle = nullptr;
};

/// One table's INSERT; values are bound from left to right.
class Insert {
  public:
    Insert(const Database& database, const std::string& table, int columns) : m_database(database) {
        std::string sql = "INSERT INTO " + table + " VALUES (?";
        for (int i = 1; i < columns; ++i) {
            sql += ",?";
        }
        database.require(
            sqlite3_prepare_v2(database.handle(), (sql + ")").c_str(), -1, &m_statement, nullptr));
    }
    Insert(const Insert&) = delete;
    Insert& operator=(const Insert&) = delete;
    ~Insert() { sqlite3_finalize(m_statement); }

    template <class... Values>
    void row(const Values&... values) {
        m_next = 0;
        (bind(values), ...);
        m_database.require(sqlite3_step(m_statement));
        m_database.require(sqlite3_reset(m_statement));
    }

  private:
    void bind(std::int64_t value) { m_database.require(sqlite3_bind_int64(m_statement, ++m_next, value)); }
    void bind(double value) { m_database.require(sqlite3_bind_double(m_statement, ++m_next, value)); }
    void bind(std::string_view value) {
        m_database.require(sqlite3_bind_text(m_statement, ++m_next, value.data(),
                                             static_cast<int>(value.size()), SQLITE_TRANSIENT));
    }

    const Database& m_database;
    sqlite3_stmt* m_statement = nullptr;
    int m_next = 0;
};

double cents(Random& random, std::int64_t least, std::int64_t most) {
    return static_cast<double>(random.between(least, most)) / 100.0;
}

std::string numbered(const char* what, std::int64_t number) {
    std::string digits = std::to_string(number);
    return what + std::string("#") + std::string(9 - std::min<std::size_t>(digits.size(), 9), '0') + digits;
}

std::string phone(Random& random) {
    std::string text = std::to_string(random.between(10, 34));
    for (const std::int64_t last : {999, 999, 9999}) {
        text += '-';
        text += std::to_string(random.between((last + 1) / 10, last));
    }
    return text;
}

std::int64_t supplier_of(std::int64_t part, std::int64_t nth, const OrderSizes& sizes) {
    return (part + nth * (sizes.suppliers / 4)) % sizes.suppliers + 1;
}

void write_places(const Database& database, Random& random, const OrderSizes& sizes) {
    Insert region(database, "region", 3);
    for (std::int64_t i = 0; i < 5; ++i) {
        region.row(i, k_regions[i], words(random, 152));
    }
    Insert nation(database, "nation", 4);
    for (std::int64_t i = 0; i < 25; ++i) {
        nation.row(i, numbered("Nation", i), i % 5, words(random, 152));
    }
    Insert supplier(database, "supplier", 7);
    for (std::int64_t i = 1; i <= sizes.suppliers; ++i) {
        supplier.row(i, numbered("Supplier", i), words(random, 40), random.between(0, 24), phone(random),
                     cents(random, -99'999, 999'999), words(random, 101));
    }
    Insert customer(database, "customer", 8);
    for (std::int64_t i = 1; i <= sizes.customers; ++i) {
        customer.row(i, numbered("Customer", i), words(random, 40), random.between(0, 24), phone(random),
                     cents(random, -99'999, 999'999), pick(random, k_segments), words(random, 117));
    }
}

void write_parts(const Database& database, Random& random, const OrderSizes& sizes) {
    Insert part(database, "part", 9);
    Insert offer(database, "partsupp", 5);
    for (std::int64_t i = 1; i <= sizes.parts; ++i) {
        part.row(i, words(random, 55), numbered("Maker", i % 5), "Brand#" + std::to_string(i % 50),
                 pick(random, k_types), random.between(1, 50), pick(random, k_containers),
                 cents(random, 90'000, 210'000), words(random, 23));
        for (std::int64_t nth = 0; nth < 4; ++nth) {
            offer.row(i, supplier_of(i, nth, sizes), random.between(1, 9999), cents(random, 100, 100'000),
                      words(random, 199));
        }
    }
}

void write_orders(const Database& database, Random& random, const OrderSizes& sizes) {
    Insert order(database, "orders", 9);
    Insert line(database, "lineitem", 16);
    for (std::int64_t i = 1; i <= sizes.orders; ++i) {
        const std::int64_t day = random.between(0, k_last_day - 122);
        order.row(i, random.between(1, sizes.customers), i % 2 == 0 ? "F" : "O",
                  cents(random, 80'000, 50'000'000), date(day), pick(random, k_priorities),
                  numbered("Clerk", random.between(1, 1000)), std::int64_t{0}, words(random, 79));
        // Four lines an order on average.
        const std::int64_t lines = random.between(1, 7);
        for (std::int64_t number = 1; number <= lines; ++number) {
            const std::int64_t part = random.between(1, sizes.parts);
            const std::int64_t shipped = day + random.between(1, 121);
            line.row(i, part, supplier_of(part, random.between(0, 3), sizes), number,
                     static_cast<double>(random.between(1, 50)), cents(random, 90'000, 10'500'000),
                     cents(random, 0, 10), cents(random, 0, 8), random.next() % 2 == 0 ? "R" : "N",
                     random.next() % 2 == 0 ? "O" : "F", date(shipped), date(day + random.between(30, 90)),
                     date(shipped + random.between(1, 30)), pick(random, k_instructions),
                     pick(random, k_modes), words(random, 44));
        }
    }
}

}  // namespace

void write_order_database(const std::string& path, double scale) {
    const OrderSizes sizes(scale);
    Database database(path);
    database.execute("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-262144");
    database.execute("BEGIN");
    database.execute(k_tables);
    Random random(20'260'101);
    write_places(database, random, sizes);
    write_parts(database, random, sizes);
    write_orders(database, random, sizes);
    database.execute(k_indexes);
    database.execute("COMMIT");
}

void write_small_tables(const std::string& path, std::int64_t tables, std::int64_t rows) {
    Database database(path);
    database.execute("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN");
    Random random(7);
    for (std::int64_t t = 1; t <= tables; ++t) {
        const std::string name = "table_" + std::to_string(t);
        database.execute(
            ("CREATE TABLE " + name + " (id INTEGER PRIMARY KEY, name TEXT NOT NULL, amount REAL, day DATE)")
                .c_str());
        Insert insert(database, name, 4);
        for (std::int64_t i = 1; i <= rows; ++i) {
            insert.row(i, words(random, 40), cents(random, 0, 100'000), date(random.between(0, k_last_day)));
        }
    }
    database.execute("COMMIT");
}

}  // namespace migrate::bench
