#include "support/json_rows.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace migrate::test {
namespace {

std::string bytes_of(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
}

rapidjson::Document parsed(const std::string& text) {
    rapidjson::Document document;
    document.Parse<rapidjson::kParseNumbersAsStringsFlag>(text.c_str(), text.size());
    if (document.HasParseError()) {
        throw std::runtime_error("this is no JSON: " + text);
    }
    return document;
}

std::string compact(const rapidjson::Value& value) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    value.Accept(writer);
    return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace

std::vector<std::string> json_rows(const std::string& path, const std::string& table) {
    std::vector<std::string> rows;
    if (std::filesystem::is_directory(path)) {
        const std::string file = path + "/" + table + ".ndjson";
        if (!std::filesystem::exists(file)) {
            return {"none"};
        }
        std::istringstream lines(bytes_of(file));
        for (std::string line; std::getline(lines, line);) {
            rows.push_back(compact(parsed(line)));
        }
        return rows;
    }
    if (!std::filesystem::exists(path)) {
        return {"none"};
    }
    const rapidjson::Document document = parsed(bytes_of(path));
    const rapidjson::Value& tables = document["tables"];
    if (!tables.HasMember(table.c_str())) {
        return {"none"};
    }
    for (const rapidjson::Value& row : tables[table.c_str()].GetArray()) {
        rows.push_back(compact(row));
    }
    return rows;
}

std::string json_account(const std::string& path, const std::string& table) {
    const bool is_directory = std::filesystem::is_directory(path);
    const rapidjson::Document document = parsed(bytes_of(is_directory ? path + "/manifest.json" : path));
    const rapidjson::Value& manifest = is_directory ? document : document["manifest"];
    for (const rapidjson::Value& one : manifest["tables"].GetArray()) {
        if (one["name"]["name"].GetString() == table) {
            return std::string(one["rows"].GetString()) + " " + one["digest"].GetString();
        }
    }
    return "none";
}

}  // namespace migrate::test
