#include "backend/backend.hpp"

#include "backends/json/document_options.hpp"
#include "backends/json/document_source.hpp"
#include "backends/json/input_files.hpp"
#include "backends/json/json_target.hpp"
#include "backends/json/manifest_source.hpp"
#include "io/directory.hpp"

namespace migrate::backends::json {

namespace {

class JsonBackend : public backend::Backend {
  public:
    JsonBackend() {
        m_capabilities.schemas = true;
        m_capabilities.parallel_readers = true;
        m_capabilities.evaluates = false;
        m_capabilities.finds_rows = false;
        m_capabilities.enforces_keys = false;
        m_capabilities.enforces_foreign_keys = false;
        m_capabilities.file_based = true;
        m_capabilities.text_route = true;
        m_capabilities.retries_letters = true;
    }

    std::string_view name() const override { return "json"; }
    const backend::Capabilities& capabilities() const override { return m_capabilities; }

    bool recognises(const std::string& path) const override {
        switch (io::kind_of(path)) {
            case io::PathKind::directory:
                return may_hold_json(path);
            case io::PathKind::file:
                // By its name and not by its content: to open and close a file that is another engine's would
                // drop the locks that this process holds on it.
                return is_json_name(path);
            default:
                return false;
        }
    }

    bool claims_name(const std::string& path) const override {
        return path.ends_with('/') || is_json_name(path);
    }

    std::optional<std::vector<std::string_view>> option_names() const override {
        return document_option_names();
    }

    backend::StageAdvice advice_on(Stage stage) const override {
        switch (stage) {
            case Stage::read:
                return {"reading JSON", "more --workers parse side by side; then the disk decides"};
            case Stage::encode:
                return {"writing values as JSON", "files have one writer, so that one processor decides"};
            case Stage::send:
                return {"writing the JSON files", "their disk decides"};
            case Stage::target:
                return {"having the JSON files on disk",
                        "a faster disk, or a larger --chunk-rows for fewer syncs"};
            case Stage::index:
                return {"checking the keys of the JSON files",
                        "--skip foreign-keys,checks leaves some of it out"};
            case Stage::verify:
                return {
                    "reading the JSON files back",
                    "more --workers parse side by side; --level basic counts rows and compares no values"};
            case Stage::map:
            case Stage::held:
                break;
        }
        return {};
    }

    std::unique_ptr<backend::Source> open_source(const Endpoint& endpoint,
                                                 const backend::OpenContext& context) const override {
        check_options(endpoint);
        const std::string path = io::trim_slashes(endpoint.location);
        if (const auto layout = detect_layout(path)) {
            return std::make_unique<ManifestSource>(path, *layout, endpoint.option("infer-keys") == "true",
                                                    context.stop);
        }
        refuse_broken_manifest(path);
        return std::make_unique<DocumentSource>(endpoint, context);
    }

    std::unique_ptr<backend::Target> open_target(const Endpoint& endpoint,
                                                 const backend::OpenContext& context) const override {
        auto target = std::make_unique<JsonTarget>(endpoint, context);
        check_options(endpoint);
        return target;
    }

  private:
    /// A host's endpoint need not have come from a text that was parsed.
    static void check_options(const Endpoint& endpoint) {
        static_cast<void>(parse_document_options(endpoint));
    }

    backend::Capabilities m_capabilities;
};

}  // namespace

const backend::Backend& backend() {
    static const JsonBackend instance;
    return instance;
}

}  // namespace migrate::backends::json
