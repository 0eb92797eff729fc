#include "backend/backend.hpp"

#include <array>

#include "backends/sqlite/source.hpp"
#include "backends/sqlite/target.hpp"
#include "session/sqlite_file.hpp"
#include "util/ascii.hpp"

namespace migrate::backends::sqlite {
namespace {

class SqliteBackend final : public backend::Backend {
  public:
    [[nodiscard]] std::string_view name() const override { return "sqlite"; }

    [[nodiscard]] const backend::Capabilities& capabilities() const override {
        static const backend::Capabilities k_capabilities = [] {
            backend::Capabilities can;
            can.parallel_readers = true;
            can.enforces_foreign_keys = false;
            can.file_based = true;
            can.text_route = true;
            can.retries_letters = true;
            can.values_have_types = true;
            can.case_insensitive_names = true;
            return can;
        }();
        return k_capabilities;
    }

    [[nodiscard]] bool recognises(const std::string& path) const override {
        return session::is_sqlite_file(path);
    }

    [[nodiscard]] bool claims_name(const std::string& path) const override {
        constexpr std::array<std::string_view, 6> k_endings = {".db",  ".sqlite", ".sqlite3",
                                                               ".db3", ".s3db",   ".sl3"};
        const std::string lower = util::lower_ascii(path);
        for (const std::string_view ending : k_endings) {
            if (lower.ends_with(ending)) {
                return true;
            }
        }
        return false;
    }

    [[nodiscard]] std::optional<std::vector<std::string_view>> option_names() const override {
        return std::vector<std::string_view>();
    }
    [[nodiscard]] backend::StageAdvice advice_on(Stage stage) const override {
        switch (stage) {
            case Stage::read:
                return {"reading the SQLite file", "more --workers read side by side; then its disk decides"};
            case Stage::encode:
                return {"saying values in SQLite's form",
                        "a file has one writer, so that one processor decides; fewer conversions take less"};
            case Stage::send:
                return {"SQLite's inserts",
                        "a file has one writer, so that one processor and its disk decide"};
            case Stage::target:
                return {"SQLite's commits", "a faster disk, or a larger --chunk-rows for fewer of them"};
            case Stage::index:
                return {"building keys and indexes in the SQLite file",
                        "a faster disk, or --skip indexes and make them later"};
            case Stage::verify:
                return {"reading the SQLite file back",
                        "more --workers read side by side; --level basic counts rows and compares no values"};
            case Stage::map:
            case Stage::held:
                break;
        }
        return {};
    }

    std::unique_ptr<backend::Source> open_source(const Endpoint& endpoint,
                                                 const backend::OpenContext& context) const override {
        return make_source(endpoint, context);
    }

    std::unique_ptr<backend::Target> open_target(const Endpoint& endpoint,
                                                 const backend::OpenContext& context) const override {
        return make_target(endpoint, context);
    }
};

}  // namespace

const backend::Backend& backend() {
    static const SqliteBackend k_backend;
    return k_backend;
}

}  // namespace migrate::backends::sqlite
