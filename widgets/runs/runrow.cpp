#include "widgets/runs/runrow.h"

#include "core/files/shownpath.h"

#include <QSqlQuery>
#include <QStringList>
#include <QVariant>

#include <nlohmann/json.hpp>

namespace pretext::runrow {

namespace {

struct Column
{
    const char *name, *type;
    QVariant (*of)(const RunSummary &run);
    void (*take)(RunSummary &run, const QVariant &value);
};

QVariant textOf(const std::string &text)
{
    return QString::fromStdString(text);
}

std::string stringOf(const QVariant &value)
{
    return value.toString().toStdString();
}

/// Lists of pairs are objects, so that SQLite's json_extract() finds a knob.
template<class Value>
QVariant jsonOf(const std::vector<std::pair<std::string, Value>> &pairs)
{
    nlohmann::json object = nlohmann::json::object();
    for (const auto &[name, value] : pairs)
        object[name] = value;
    return textOf(object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

template<class Value>
void take(std::vector<std::pair<std::string, Value>> &pairs, const QVariant &value)
{
    const nlohmann::json object = nlohmann::json::parse(stringOf(value), nullptr, false);
    if (!object.is_object())
        return;
    pairs.reserve(object.size());
    for (const auto &[name, each] : object.items())
        if constexpr (std::is_same_v<Value, double>)
            pairs.emplace_back(name, each.is_number() ? each.template get<double>() : 0.0);
        else
            pairs.emplace_back(name, each.is_string() ? each.template get<std::string>() : std::string());
}

#define COLUMN(name, type, from, into)                                                                                                                         \
    {                                                                                                                                                          \
        name, type, [](const RunSummary &run) -> QVariant { return from; }, [](RunSummary &run, const QVariant &value) { into; }                               \
    }

const Column kColumns[] = {
    COLUMN("path", "TEXT PRIMARY KEY", textOf(shownPath(run.path)), run.path = pathAsShown(stringOf(value))),
    COLUMN("method", "TEXT", textOf(run.method), run.method = stringOf(value)),
    COLUMN("data", "TEXT", textOf(shownPath(run.data)), run.data = pathAsShown(stringOf(value)).string()),
    COLUMN("encoder", "TEXT", textOf(run.encoder), run.encoder = stringOf(value)),
    COLUMN("batch", "INTEGER", qlonglong(run.batch), run.batch = value.toLongLong()),
    COLUMN("seed", "TEXT", QString::number(run.seed), run.seed = value.toString().toULongLong()), // SQLite's integers have a sign
    COLUMN("knobs", "TEXT", jsonOf(run.knobs), take(run.knobs, value)),
    COLUMN("state", "TEXT", textOf(nameOf(run.state)), run.state = runStateNamed(stringOf(value))),
    COLUMN("step", "INTEGER", qlonglong(run.step), run.step = value.toLongLong()),
    COLUMN("planned", "INTEGER", qlonglong(run.planned), run.planned = value.toLongLong()),
    COLUMN("seconds", "REAL", run.seconds, run.seconds = value.toDouble()),
    COLUMN("loss", "REAL", run.loss ? QVariant(*run.loss) : QVariant(), if (!value.isNull()) run.loss = value.toDouble()),
    COLUMN("results", "TEXT", jsonOf(run.results), take(run.results, value)),
    COLUMN("note", "TEXT", textOf(run.notes.note), run.notes.note = stringOf(value)),
    COLUMN("tags", "TEXT", textOf(tagsInOne(run.notes.tags)), if (!value.toString().isEmpty()) run.notes.tags = tagsOf(stringOf(value))),
    COLUMN("parent", "TEXT", run.parent ? textOf(shownPath(run.parent->run)) : QVariant(),
           if (!value.isNull()) run.parent = (Parent{pathAsShown(stringOf(value)), 0})),
    COLUMN("parent_step", "INTEGER", run.parent ? QVariant(qlonglong(run.parent->step)) : QVariant(), if (run.parent) run.parent->step = value.toLongLong()),
    COLUMN("bytes", "INTEGER", qlonglong(run.bytes), run.bytes = value.toULongLong()),
    COLUMN("begun", "INTEGER", qlonglong(run.begun), run.begun = value.toLongLong()),
    COLUMN("changed", "INTEGER", qlonglong(run.changed), run.changed = value.toLongLong()),
    COLUMN("deleted_from", "TEXT", textOf(shownPath(run.from)), run.from = pathAsShown(stringOf(value))),
    COLUMN("problem", "TEXT", textOf(run.problem), run.problem = stringOf(value)),
    COLUMN("stamp", "TEXT", textOf(run.stamp), run.stamp = stringOf(value)),
};
#undef COLUMN

template<class Each>
QString joined(const Each &each)
{
    QStringList all;
    for (const Column &column : kColumns)
        all << each(column);
    return all.join(QStringLiteral(", "));
}

} // namespace

QString columns()
{
    return joined([](const Column &column) { return QStringLiteral("%1 %2").arg(QLatin1String(column.name), QLatin1String(column.type)); });
}

QString names()
{
    return joined([](const Column &column) { return QString::fromLatin1(column.name); });
}

QString places()
{
    return joined([](const Column &) { return QStringLiteral("?"); });
}

void bind(const RunSummary &run, QSqlQuery &query)
{
    int place = 0;
    for (const Column &column : kColumns)
        query.bindValue(place++, column.of(run));
}

RunSummary summaryOf(const QSqlQuery &query)
{
    RunSummary run;
    int place = 0;
    for (const Column &column : kColumns)
        column.take(run, query.value(place++));
    return run;
}

} // namespace pretext::runrow
