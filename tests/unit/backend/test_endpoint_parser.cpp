#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>

#include "backend/endpoint_parser.hpp"
#include "support/temporary_directory.hpp"
#include "unit/backend/named_backends.hpp"

namespace migrate {
namespace {

namespace fs = std::filesystem;

using backend::EndpointRequest;

Endpoint parse(const std::string& text, const EndpointRequest& request = {}) {
    return backend::parse_endpoint_among(test::named_backends(), text, request);
}

Error error_of(const std::string& text, const EndpointRequest& request = {}) {
    try {
        parse(text, request);
    } catch (const Error& error) {
        return error;
    }
    FAIL("parsed although it must not: " << text);
    throw std::logic_error("unreachable");
}

/// The working directory is another one while this lives.
class WorkingDirectory {
  public:
    explicit WorkingDirectory(const fs::path& path) : m_before(fs::current_path()) { fs::current_path(path); }
    ~WorkingDirectory() {
        std::error_code ignored;
        fs::current_path(m_before, ignored);
    }
    WorkingDirectory(const WorkingDirectory&) = delete;
    WorkingDirectory& operator=(const WorkingDirectory&) = delete;

  private:
    fs::path m_before;
};

void write_file(const fs::path& path, const std::string& text) {
    std::ofstream(path) << text;
}

}  // namespace

TEST_CASE("endpoint: file URIs name an engine, an absolute path and options", "[backend][endpoint]") {
    struct Row {
        std::string text;
        std::string engine;
        std::string location;
        std::map<std::string, std::string> options;
    };
    const std::string here = fs::current_path().string();
    const std::vector<Row> rows = {
        {"sqlite:app.db", "sqlite", here + "/app.db", {}},
        {"SQLite:app.db", "sqlite", here + "/app.db", {}},
        {"sqlite:./a/./b.db", "sqlite", here + "/a/b.db", {}},
        {"sqlite:../b.db", "sqlite", here + "/../b.db", {}},
        {"sqlite:/abs/app.db", "sqlite", "/abs/app.db", {}},
        {"sqlite:///abs/app.db", "sqlite", "/abs/app.db", {}},
        {"sqlite:///abs/100%25%20sure%3F.db", "sqlite", "/abs/100% sure?.db", {}},
        {"sqlite:/abs/a%0Ab.db", "sqlite", "/abs/a\nb.db", {}},
        {"json:/abs/dir/", "json", "/abs/dir/", {}},
        {"json:/abs/dir/?layout=documents&root=%2Fa%26b",
         "json",
         "/abs/dir/",
         {{"layout", "documents"}, {"root", "/a&b"}}},
        {"json:/abs/x.json?root=", "json", "/abs/x.json", {{"root", ""}}},
        {"lenient:/abs/x?any=1", "lenient", "/abs/x", {{"any", "1"}}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        const Endpoint endpoint = parse(row.text);
        CHECK(endpoint.engine == row.engine);
        CHECK(endpoint.location == row.location);
        CHECK(endpoint.options == row.options);
    }
}

TEST_CASE("endpoint: PostgreSQL URIs and conninfo strings become one conninfo", "[backend][endpoint]") {
    struct Row {
        std::string text;
        std::string location;
        std::map<std::string, std::string> options;
    };
    const std::vector<Row> rows = {
        {"postgresql://", "", {}},
        {"pg:shop", "dbname=shop", {}},
        {"postgres://u@h:5433/db", "host=h port=5433 dbname=db user=u", {}},
        {"postgresql://u@h/db?schema=public&sslmode=require",
         "host=h dbname=db user=u sslmode=require",
         {{"schema", "public"}}},
        {"postgresql:///db?host=/tmp/s&port=7", "host=/tmp/s port=7 dbname=db", {}},
        {"postgresql://%2Ftmp%2Fs/db", "host=/tmp/s dbname=db", {}},
        {"postgresql://[::1]:5/db", "host=::1 port=5 dbname=db", {}},
        {"postgresql://a:1,b:2/db", "host=a,b port=1,2 dbname=db", {}},
        {"postgresql://h/my%20db", "host=h dbname='my db'", {}},
        {"postgresql://h/db?ssl=true", "host=h dbname=db sslmode=require", {}},
        {"pg:host=/tmp dbname=x", "host=/tmp dbname=x", {}},
        {"pg:dbname = 'it\\'s' user=", "dbname='it\\'s' user=''", {}},
        {"pg:dbname=x schema=a,b", "dbname=x", {{"schema", "a,b"}}},
        {"pg:dbname=x options='-c geqo=off'", "dbname=x options='-c geqo=off'", {}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        const Endpoint endpoint = parse(row.text);
        CHECK(endpoint.engine == "postgresql");
        CHECK(endpoint.location == row.location);
        CHECK(endpoint.options == row.options);
    }
}

TEST_CASE("endpoint: a bare path is told by its content before its name", "[backend][endpoint]") {
    const test::TemporaryDirectory directory;
    const WorkingDirectory inside(directory.path());
    write_file("misnamed.db", "J\n");
    write_file("plain", "S\n");
    write_file("damaged.db", "nothing known\n");
    write_file("a?layout=x", "S\n");
    write_file("my:file", "S\n");
    fs::create_directory("documents");

    CHECK(parse("misnamed.db").engine == "json");
    CHECK(parse("plain").engine == "sqlite");
    CHECK(parse("damaged.db").engine == "sqlite");
    CHECK(parse("documents").engine == "json");
    CHECK(parse("documents/?layout=documents").option("layout") == "documents");
    CHECK(parse("a?layout=x").location == (fs::current_path() / "a?layout=x").string());
    CHECK(parse("my:file").engine == "sqlite");
}

TEST_CASE("endpoint: a target that does not exist is told by its name", "[backend][endpoint]") {
    const test::TemporaryDirectory directory;
    const std::string base = directory.path();
    EndpointRequest request;
    request.is_target = true;
    CHECK(parse(base + "/new.db", request).engine == "sqlite");
    CHECK(parse(base + "/new/", request).engine == "json");
    CHECK(error_of(base + "/new.xyz", request).code() == ErrorCode::usage);
    CHECK(error_of(base + "/new.db").code() == ErrorCode::not_found);
}

TEST_CASE("endpoint: a text that cannot be understood is refused with the way on", "[backend][endpoint]") {
    struct Row {
        std::string text;
        ErrorCode code;
        std::string says;  ///< In the message or the next step.
    };
    const test::TemporaryDirectory directory;
    const std::string unknown = directory.path("file.xyz");
    write_file(unknown, "nothing known\n");
    const std::vector<Row> rows = {
        {"", ErrorCode::usage, "empty"},
        {"mysql://h/db", ErrorCode::usage, "sqlite:, postgresql:, postgres:, pg:, json:, lenient:"},
        {"no:such", ErrorCode::usage, "./no:"},
        {"sqlite:", ErrorCode::usage, "sqlite:PATH"},
        {"sqlite://host/app.db", ErrorCode::usage, "sqlite:///absolute/path"},
        {"sqlite::memory:", ErrorCode::usage, "migrate/soci.hpp"},
        {"sqlite:50%.db", ErrorCode::usage, "%25"},
        {"sqlite:a%00b", ErrorCode::usage, "NUL"},
        {std::string("a\0b", 3), ErrorCode::usage, "NUL"},
        {"sqlite:a.db?mode=ro", ErrorCode::usage, "\"mode\""},
        {"json:a/?layuot=documents", ErrorCode::usage, "layout, root"},
        {"json:a/?layout", ErrorCode::usage, "%3F"},
        {"postgresql://h/db?shcema=x", ErrorCode::usage, "schema"},
        {"pg:host=h dbname", ErrorCode::usage, "\"=\""},
        {"pg:host='h", ErrorCode::usage, "quoted"},
        {"postgresql://[::1/db", ErrorCode::usage, "not closed"},
        {"host=/tmp dbname=x", ErrorCode::usage, "pg:"},
        {unknown, ErrorCode::usage, "sqlite, postgresql, json, lenient"},
        {"/no/such/file.db", ErrorCode::not_found, "/no/such/file.db"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        const Error error = error_of(row.text);
        const std::string said = std::string(error.what()) + " " + error.facts().next_step;
        CHECK(error.code() == row.code);
        CHECK_THAT(said, Catch::Contains(row.says));
        CHECK_FALSE(error.facts().next_step.empty());
    }
}

TEST_CASE("endpoint: a password in the text is refused and never repeated", "[backend][endpoint][secret]") {
    const std::vector<std::string> texts = {
        "postgresql://u:hush%40@h/db",
        "postgresql://h/db?password=hush%40",
        "pg:host=h password='hush@' dbname=x",
        "pg:host=h sslpassword=hush@",
        "postgresql://u:hush@@h/db?shcema=1",
        "mysql://u:hush@@h/db",
        "pg:password='hush@",
        "password=hush@ dbname=x",
    };
    for (const std::string& text : texts) {
        CAPTURE(text);
        const Error error = error_of(text);
        CHECK(error.code() == ErrorCode::usage);
        CHECK_THAT(std::string(error.what()) + error.facts().next_step, !Catch::Contains("hush"));
    }
    CHECK_THAT(error_of(texts[0]).facts().next_step,
               Catch::Contains("~/.pgpass") && Catch::Contains("PGPASSWORD") &&
                   Catch::Contains("service file") && Catch::Contains("configuration"));
}

TEST_CASE("endpoint: an allowed password leaves the endpoint", "[backend][endpoint][secret]") {
    std::string password;
    EndpointRequest request;
    request.allow_password = true;
    request.password_out = &password;
    const Endpoint endpoint = parse("postgresql://u:p%40ss@h/db", request);
    CHECK(password == "p@ss");
    CHECK(endpoint.location == "host=h dbname=db user=u");
    CHECK(endpoint.display() == "postgresql://u@h/db");
    CHECK(error_of("pg:sslpassword=x", request).code() == ErrorCode::usage);
}

TEST_CASE("endpoint: what is displayed parses to the same endpoint", "[backend][endpoint]") {
    const std::vector<std::string> texts = {
        "sqlite:/abs/app.db",
        "sqlite:/abs/a%0Ab%3F%25.db",
        "json:/abs/d/?layout=documents&root=%2Fa%26b%20c",
        "postgresql://u@h:5433/db?schema=a,b&sslmode=require",
        "postgresql://a:1,[::1]:2/my%20db",
        "pg:host=a,b,c port=5",
        "pg:host=a:b port=5,6",
        "pg:host=a,b port=,",
        "pg:host=/tmp/s port=7 dbname='it\\'s'",
        "pg:host=/tmp/s port=7 dbname='a/b?c' user='x y'",
    };
    for (const std::string& text : texts) {
        CAPTURE(text);
        const Endpoint once = parse(text);
        const Endpoint again = parse(once.display());
        CHECK(again.engine == once.engine);
        CHECK(again.location == once.location);
        CHECK(again.options == once.options);
        CHECK(once.display().find('\n') == std::string::npos);
    }
}

TEST_CASE("endpoint: a location that does not parse is displayed without its password",
          "[backend][endpoint][secret]") {
    Endpoint endpoint;
    endpoint.engine = "postgresql";
    endpoint.location = "postgresql://u:hush@h/db";
    CHECK_THAT(endpoint.display(), !Catch::Contains("hush"));
}

}  // namespace migrate
