#include "backend/source.hpp"

#include <migrate/error.hpp>

#include "backend/backup_sink.hpp"

namespace migrate::backend {

void Source::stream_backup(BackupSink& /*sink*/) {
    throw Error(ErrorCode::unsupported, "this source has no files that a backup could copy");
}

}  // namespace migrate::backend
