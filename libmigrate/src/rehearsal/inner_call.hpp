#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "audit/call_log.hpp"
#include "migrator/context.hpp"
#include "migrator/events.hpp"
#include "migrator/execution.hpp"

namespace migrate::rehearsal {

/// What a call of the facade works with, for one within another: nobody is told of it, and neither index nor
/// audit trail has it.
struct InnerCall {
    explicit InnerCall(MigratorConfig with, std::function<std::unique_ptr<backend::Source>()> stand_in = {})
        : config(std::move(with)),
          events(MigrationObserver()),
          throttle(config, events),
          audit(audit::CallLogOptions()),
          context{config,   events,
                  throttle, std::make_shared<backend::SourceMemory>(),
                  audit,    std::move(stand_in)} {}
    InnerCall(const InnerCall&) = delete;
    InnerCall& operator=(const InnerCall&) = delete;

    MigratorConfig config;
    EventSink events;
    Throttle throttle;
    audit::CallLog audit;
    MigratorContext context;
};

/// An index that knows nothing and keeps nothing.
MigrationIndex no_index();

}  // namespace migrate::rehearsal
