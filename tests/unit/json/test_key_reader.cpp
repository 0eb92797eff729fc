#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "backends/json/key_reader.hpp"
#include "support/temporary_directory.hpp"
#include "unit/json/json_fixture.hpp"

namespace migrate::test {
namespace {

using namespace backends::json;

/// One batch of a column of text, as often as it is asked for.
class TextReader final : public backend::Reader {
  public:
    TextReader(std::vector<std::string> texts, std::size_t columns)
        : m_texts(std::move(texts)), m_columns(columns) {}
    bool next(RowBatch& batch) override {
        batch.reset(std::vector<TypeKind>(m_columns, TypeKind::text));
        for (const std::string& text : m_texts) {
            for (ColumnVector& column : batch.columns) {
                column.append_bytes(text);
            }
        }
        m_texts.clear();
        return false;
    }

  private:
    std::vector<std::string> m_texts;
    std::size_t m_columns;
};

}  // namespace

TEST_CASE("key reader: a column that a key has twice is read once, and each part compared", "[json][key]") {
    const Table table = make_table("t", {{"a", TypeKind::text}});
    std::vector<std::size_t> asked;
    const KeyReader rows(table, {"a", "a"}, {"BINARY", "NOCASE"}, [&](const ScanSpec& spec) {
        asked = spec.columns;
        return std::make_unique<TextReader>(std::vector<std::string>{"x", "X", "x"}, spec.columns.size());
    });
    const TemporaryDirectory directory;
    CHECK(find_duplicates(rows, directory.path()).count == 1);
    CHECK(asked == std::vector<std::size_t>{0});
}

}  // namespace migrate::test
