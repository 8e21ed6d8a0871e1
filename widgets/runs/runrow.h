// A run as a row of the database: its columns, in one order.
#pragma once

#include "core/engine/runsummary.h"

#include <QString>

class QSqlQuery;

namespace pretext::runrow {

QString columns(); // as CREATE TABLE takes them
QString names();   // "path, method, ..."
QString places();  // "?, ?, ..."

void bind(const RunSummary &run, QSqlQuery &query);
RunSummary summaryOf(const QSqlQuery &query);

} // namespace pretext::runrow
