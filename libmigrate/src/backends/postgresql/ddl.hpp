#pragma once

#include <string>
#include <vector>

#include <migrate/schema.hpp>

#include "backends/postgresql/staging_names.hpp"

/// The SQL that makes the parts of an adopted Schema. `names` says where things are at the time.
namespace migrate::backends::postgresql::ddl {

/// CREATE TABLE with types, collations, NOT NULL, identity and generated columns; without defaults and
/// constraints, and the statements that belong to it (comments, storage, inheritance).
std::vector<std::string> create_table(const Table& table, const StagingNames& names);
/// The sequences of serial columns: to be made before their table; owned afterwards.
std::vector<std::string> create_sequences(const Table& table, const StagingNames& names);
std::vector<std::string> own_sequences(const Table& table, const StagingNames& names);

std::string primary_key(const Table& table, const StagingNames& names);
std::string unique_key(const Table& table, const Key& key, const StagingNames& names);
std::string index(const Table& table, const Index& index, const StagingNames& names);
std::string check(const Table& table, const Check& check, bool valid, const StagingNames& names);
std::string foreign_key(const Table& table, const ForeignKey& key, bool valid, const StagingNames& names);
/// Checks the rows of a foreign key that is there.
std::string validation(const Table& table, const ForeignKey& key, const StagingNames& names);

/// ALTER TABLE … ALTER COLUMN … SET DEFAULT, for after the cutover's moves; empty if the column has none.
std::string set_default(const Table& table, const Column& column);
/// A type, collation or sequence of the adopted schema, where it is staged.
std::string create_object(const SchemaObject& object, const StagingNames& names);
/// A partition with its columns in its own order, and its attachment to its parent.
std::vector<std::string> create_partition(const SchemaObject& object, const StagingNames& names);
/// An exclusion constraint, or an index or constraint that a partition has for itself.
std::string structure(const SchemaObject& object, const StagingNames& names);

/// The sequence behind an identity or serial column, as pg_get_serial_sequence or its name gives it, as a
/// SQL expression of type regclass.
std::string sequence_expression(const Table& table, const Column& column, const StagingNames& names);

}  // namespace migrate::backends::postgresql::ddl
