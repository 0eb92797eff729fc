#pragma once

#include <migrate/chunk.hpp>
#include <migrate/digest.hpp>
#include <migrate/endpoint.hpp>
#include <migrate/error.hpp>
#include <migrate/event.hpp>
#include <migrate/export.hpp>
#include <migrate/finding.hpp>
#include <migrate/logical_type.hpp>
#include <migrate/migration_plan.hpp>
#include <migrate/migration_result.hpp>
#include <migrate/migrator.hpp>
#include <migrate/plan_options.hpp>
#include <migrate/row_batch.hpp>
#include <migrate/schema.hpp>
#include <migrate/verification.hpp>
#include <migrate/version.hpp>
