#pragma once

#include <map>
#include <string>
#include <string_view>

namespace migrate::backend {

/// Settings by keyword. A plain value; may hold a password until the caller has taken it out.
using Settings = std::map<std::string, std::string>;

/// True for the engine whose endpoints name a server instead of a file.
[[nodiscard]] bool is_server_engine(std::string_view engine) noexcept;

/// True for what libpq takes as a connection setting (libpq 15 to 18).
[[nodiscard]] bool is_connection_setting(std::string_view keyword) noexcept;

/// True for the settings that are secrets: password, sslpassword…
[[nodiscard]] bool is_secret_setting(std::string_view keyword) noexcept;

/// Reads "host=/tmp dbname='a b'". Throws: Error{usage}; the message does not quote the text, which may hold
/// a password. Source: PostgreSQL documentation, 34.1.1.1 Keyword/Value Connection Strings.
[[nodiscard]] Settings parse_conninfo(std::string_view text);

/// Reads what follows the scheme: "//user:password@host1:1,host2/db?key=value". Keys of the query that libpq
/// does not know stay in the result. Throws: Error{usage}, without quoting the text.
/// Source: PostgreSQL documentation, 34.1.1.2 Connection URIs.
[[nodiscard]] Settings parse_server_uri(std::string_view text);

/// The settings as one conninfo string, host, port, dbname and user first; the same for the same settings.
[[nodiscard]] std::string render_conninfo(const Settings& settings);

/// "postgresql://user@host:port/db?key=value" for people, without secrets; parse_server_uri reads it back.
[[nodiscard]] std::string render_server_uri(const Settings& settings, const Settings& options);

/// "?a=b&c=d" with what would end a value percent-encoded; empty for none.
[[nodiscard]] std::string render_query(const Settings& settings);

/// Undoes percent-encoding. Throws: Error{usage} where a '%' starts no escape or one stands for NUL; `what`
/// names the place: "the path", "the user name".
[[nodiscard]] std::string decode_escapes(std::string_view text, std::string_view what);

/// Splits "a=b&c=d" into decoded keys and values. Throws: Error{usage} for a key without '='.
[[nodiscard]] Settings parse_query(std::string_view text);

}  // namespace migrate::backend
