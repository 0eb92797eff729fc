// One side alone: rows that this program makes itself become a SQLite database, which is then checked, backed
// up and read back.
//
//     example_one_adapter new.db backup.db
#include <cstdint>
#include <iostream>
#include <optional>
#include <string>

#include <migrate/migrate.hpp>

namespace {

/// A table `square` of 1,000 numbers and their squares. A row takes no memory before it is asked for.
class Squares final : public migrate::RowStream {
  public:
    Squares() {
        m_schema.engine = "sqlite";
        migrate::Table& table = m_schema.tables.emplace_back();
        table.name.name = "square";
        table.columns.resize(3);
        table.columns[0].name = "number";
        table.columns[0].type = migrate::TypeKind::int64;
        table.columns[0].nullable = false;
        table.columns[1].name = "square";
        table.columns[1].type = migrate::TypeKind::int64;
        table.columns[2].name = "name";
        table.columns[2].type = migrate::TypeKind::text;
        table.primary_key.emplace().columns = {"number"};
    }

    const migrate::Schema& schema() override { return m_schema; }

    std::optional<migrate::StreamedTable> next_table() override {
        if (m_next != 0) {
            return std::nullopt;
        }
        m_next = 1;
        return migrate::StreamedTable{0, migrate::delivered_columns(m_schema.tables[0])};
    }

    bool next(migrate::RowBatch& batch) override {
        batch.clear();
        for (; m_next <= 1000 && batch.row_count() < 256; ++m_next) {
            batch.columns[0].append_fixed(m_next);
            batch.columns[1].append_fixed(m_next * m_next);
            if (m_next % 10 == 0) {
                batch.columns[2].append_null();
            } else {
                batch.columns[2].append_bytes("number " + std::to_string(m_next));
            }
        }
        return batch.row_count() > 0;
    }

  private:
    migrate::Schema m_schema;
    std::int64_t m_next = 0;
};

/// The sum of the second column as the database gives it back.
std::int64_t sum_of_squares(migrate::MigrationAdapter& adapter) {
    std::int64_t sum = 0;
    const auto rows = adapter.export_data();
    while (const auto turn = rows->next_table()) {
        migrate::RowBatch batch = batch_for(rows->schema(), *turn);
        while (rows->next(batch)) {
            for (std::size_t row = 0; row < batch.row_count(); ++row) {
                sum += batch.columns[1].fixed(row);
            }
        }
    }
    return sum;
}

int run(const std::string& database, const std::string& backup) {
    migrate::SqliteAdapter adapter(database);
    Squares squares;
    const migrate::MigrationResult result = adapter.import_data(squares);
    std::cout << render_text(result) << '\n';

    const auto findings = adapter.validate_integrity();
    for (const migrate::Finding& finding : findings) {
        std::cout << finding.object << ": " << finding.message << '\n';
    }
    adapter.create_backup(backup);
    migrate::SqliteAdapter copy(backup);
    std::cout << "sum of squares: " << sum_of_squares(adapter) << ", of the backup: " << sum_of_squares(copy)
              << '\n';
    return result.exit_code();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: " << argv[0] << " DATABASE BACKUP\n";
        return 2;
    }
    try {
        return run(argv[1], argv[2]);
    } catch (const migrate::Error& error) {
        std::cerr << error.what() << '\n' << error.facts().next_step << '\n';
        return migrate::exit_code_of(error.code());
    }
}
