#include "widgets/runs/runmodel.h"

#include "core/files/said.h"
#include "core/files/shownpath.h"
#include "widgets/said.h"

#include <QDateTime>
#include <QFont>
#include <QLocale>
#include <QMimeData>
#include <QPalette>
#include <QUrl>

#include <algorithm>
#include <map>
#include <set>

namespace pretext {

namespace {

struct Column
{
    const char *key, *title, *help, *sample;
};

const Column kColumns[] = {
    {"name", PRETEXT_SAID("Run"), PRETEXT_SAID("The name of its folder."), "2026-03-01-141503-simclr"},
    {"method", PRETEXT_SAID("Method"), PRETEXT_SAID("By which it learns."), "autoencoder"},
    {"data", PRETEXT_SAID("Data"), PRETEXT_SAID("What it is trained on."), "fashion-mnist"},
    {"encoder", PRETEXT_SAID("Encoder"), PRETEXT_SAID("What is trained."), "transformer"},
    {"step", PRETEXT_SAID("Step"), PRETEXT_SAID("Steps taken so far."), "100,000"},
    {"loss", PRETEXT_SAID("Loss"), PRETEXT_SAID("Of the last step; of two runs of one method on the same data alone it says which is better."), "12.345"},
    {"knn", PRETEXT_SAID("kNN"), PRETEXT_SAID("Held-out samples, in percent, whose label their nearest neighbours tell: as evaluated, or at the last look."),
     "100.0 %"},
    {"probe", PRETEXT_SAID("Probe"), PRETEXT_SAID("Held-out samples, in percent, whose label a linear probe tells: as evaluated, or at the last look."),
     "100.0 %"},
    {"state", PRETEXT_SAID("State"), PRETEXT_SAID("Whether it trains, and how it ended else."), "folder-is-gone"},
    {"tag", PRETEXT_SAID("Tags"), PRETEXT_SAID("Words of yours, with commas between them; F2 or a double click edits them."), "good, lecture"},
    {"note", PRETEXT_SAID("Note"), PRETEXT_SAID("A sentence of yours; F2 or a double click edits it."), "the-one-for-the-lecture-on"},
    {"parent", PRETEXT_SAID("Parent"), PRETEXT_SAID("The run, and its step, that it was forked from."), "2026-03-01-141503-simclr@1200"},
    {"size", PRETEXT_SAID("On disk"), PRETEXT_SAID("What its folder takes."), "123.4 MiB"},
    {"begun", PRETEXT_SAID("Begun"), PRETEXT_SAID("When it was begun."), ""},
};
constexpr int kColumnCount = int(std::size(kColumns));

enum : int { kStep = 4, kLoss, kKnn, kProbe, kState, kTags, kNote, kParent, kSize, kBegun };

const char *stateText(RunState state)
{
    switch (state) {
    case RunState::training: return PRETEXT_SAID("training");
    case RunState::paused: return PRETEXT_SAID("paused");
    case RunState::done: return PRETEXT_SAID("done");
    case RunState::stopped: return PRETEXT_SAID("stopped");
    case RunState::failed: return PRETEXT_SAID("failed");
    case RunState::killed: return PRETEXT_SAID("killed");
    case RunState::unreadable: return PRETEXT_SAID("unreadable");
    case RunState::gone: return PRETEXT_SAID("folder is gone");
    }
    return "";
}

QString fromPath(const std::filesystem::path &path)
{
    return QString::fromStdString(shownPath(path));
}

QString numberOf(const RunValue &value, double factor, char format, int digits)
{
    const double *number = std::get_if<double>(&value);
    return number ? QLocale().toString(factor * *number, format, digits) : QString();
}

QString helpOf(const QString &knob)
{
    return knob == QLatin1String("batch")  ? RunModel::tr("Samples in a batch.")
           : knob == QLatin1String("seed") ? RunModel::tr("What the run's random numbers began with.")
                                           : RunModel::tr("The knob %1, as it was last.").arg(knob);
}

QString dateText(const QDateTime &date)
{
    return QLocale().toString(date, QLocale::ShortFormat);
}

} // namespace

void RunModel::show(std::vector<RunSummary> runs)
{
    std::map<std::filesystem::path, RunSummary *> newer;
    for (RunSummary &run : runs)
        newer.emplace(run.path, &run);
    for (int row = int(m_runs.size()) - 1; row >= 0; --row) {
        const auto found = newer.find(m_runs[size_t(row)].path);
        if (found == newer.end()) {
            beginRemoveRows({}, row, row);
            m_runs.erase(m_runs.begin() + row);
            endRemoveRows();
            continue;
        }
        if (!(*found->second == m_runs[size_t(row)])) {
            m_runs[size_t(row)] = std::move(*found->second);
            emit dataChanged(index(row, 0), index(row, columnCount() - 1));
        }
        newer.erase(found);
    }
    if (newer.empty())
        return;
    beginInsertRows({}, int(m_runs.size()), int(m_runs.size() + newer.size()) - 1);
    for (auto &[path, run] : newer)
        m_runs.push_back(std::move(*run));
    endInsertRows();
}

void RunModel::setOpen(std::set<std::filesystem::path> runs)
{
    if (runs == m_open)
        return;
    m_open = std::move(runs);
    if (!m_runs.empty())
        emit dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1), {Qt::FontRole});
}

void RunModel::setKnobs(const QStringList &knobs)
{
    if (knobs == m_knobs)
        return;
    if (!m_knobs.isEmpty()) {
        beginRemoveColumns({}, kColumnCount, kColumnCount + int(m_knobs.size()) - 1);
        m_knobs.clear();
        endRemoveColumns();
    }
    if (knobs.isEmpty())
        return;
    beginInsertColumns({}, kColumnCount, kColumnCount + int(knobs.size()) - 1);
    m_knobs = knobs;
    endInsertColumns();
}

QStringList RunModel::differingKnobs() const
{
    std::map<std::string, const std::string *> first;
    std::set<std::string> differing;
    for (const RunSummary &run : m_runs)
        for (const auto &[name, value] : run.knobs)
            if (const auto [known, isNew] = first.try_emplace(name, &value); !isNew && *known->second != value)
                differing.insert(name);
    for (const char *field : {"batch", "seed"}) // which have no column otherwise
        if (std::ranges::any_of(m_runs, [&](const RunSummary &run) { return valueOf(run, field) != valueOf(m_runs.front(), field); }))
            differing.insert(field);
    QStringList names;
    for (const std::string &name : differing)
        names << QString::fromStdString(name);
    return names;
}

bool RunModel::anyHas(const std::string &key) const
{
    return std::ranges::any_of(m_runs, [&](const RunSummary &run) { return !std::holds_alternative<std::monostate>(valueOf(run, key)); });
}

std::string RunModel::keyOf(int column) const
{
    return column < kColumnCount ? kColumns[column].key : m_knobs[column - kColumnCount].toStdString();
}

int RunModel::columnOf(const std::string &key)
{
    return int(std::ranges::find_if(kColumns, [&](const Column &column) { return column.key == key; }) - kColumns);
}

QString RunModel::sampleOf(int column) const
{
    if (column == kBegun) // as wide as the user's way to write dates has it
        return dateText(QDateTime({2028, 12, 28}, {22, 58, 58}));
    return column < kColumnCount ? QString::fromLatin1(kColumns[column].sample) : m_knobs[column - kColumnCount];
}

int RunModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_runs.size());
}

int RunModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : kColumnCount + int(m_knobs.size());
}

QVariant RunModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || (role != Qt::DisplayRole && role != Qt::ToolTipRole))
        return {};
    if (section >= kColumnCount)
        return role == Qt::DisplayRole ? m_knobs[section - kColumnCount] : helpOf(m_knobs[section - kColumnCount]);
    return translated(role == Qt::DisplayRole ? kColumns[section].title : kColumns[section].help);
}

QString RunModel::textOf(const RunSummary &run, int column) const
{
    const QLocale locale;
    switch (column) {
    case kStep: return locale.toString(qlonglong(run.step));
    case kLoss: return run.loss ? locale.toString(*run.loss, 'g', 4) : QString();
    case kKnn:
    case kProbe: {
        const QString percent = numberOf(valueOf(run, kColumns[column].key), 100, 'f', 1);
        return percent.isEmpty() ? percent : tr("%1 %").arg(percent);
    }
    case kState: return translated(stateText(run.state));
    case kNote: return QString::fromStdString(run.notes.note).simplified();
    case kSize: return locale.formattedDataSize(qint64(run.bytes), 1);
    case kBegun: return run.begun > 0 ? dateText(QDateTime::fromSecsSinceEpoch(run.begun)) : QString();
    default: break;
    }
    const RunValue value = valueOf(run, keyOf(column));
    if (std::holds_alternative<double>(value))
        return numberOf(value, 1, 'g', 6);
    const std::string *text = std::get_if<std::string>(&value);
    if (!text)
        return {};
    return column == 2 ? fromPath(std::filesystem::path(*text).filename()) : QString::fromStdString(shownText(*text));
}

QString RunModel::tipOf(const RunSummary &run) const
{
    QString tip = fromPath(run.from.empty() ? run.path : run.from).toHtmlEscaped();
    if (m_open.contains(run.path))
        tip += "<p>" + tr("It is open in this window.") + "</p>";
    if (!run.problem.empty())
        tip += "<p>" + QString::fromStdString(shownText(run.problem)).toHtmlEscaped() + "</p>";
    if (!run.notes.note.empty())
        tip += "<p>" + QString::fromStdString(run.notes.note).toHtmlEscaped() + "</p>";
    if (std::error_code none; std::filesystem::exists(run.thumbnail(), none))
        tip += (QStringLiteral("<p><img") + u' ' + QStringLiteral("src='%1'") + u' ' + QStringLiteral("width='280'></p>"))
                   .arg(QString::fromStdString(run.thumbnail().string()).toHtmlEscaped());
    return "<qt>" + tip + "</qt>";
}

QVariant RunModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || size_t(index.row()) >= m_runs.size())
        return {};
    const RunSummary &run = m_runs[size_t(index.row())];
    const int column = index.column();
    switch (role) {
    case Qt::DisplayRole: return textOf(run, column);
    case Qt::EditRole: return column == kNote ? QString::fromStdString(run.notes.note) : textOf(run, column);
    case Qt::ToolTipRole: return tipOf(run);
    case Qt::TextAlignmentRole: {
        const bool number =
            (column >= kStep && column <= kProbe) || column == kSize || (column >= kColumnCount && std::holds_alternative<double>(valueOf(run, keyOf(column))));
        return QVariant::fromValue(number ? Qt::AlignRight | Qt::AlignVCenter : Qt::AlignLeft | Qt::AlignVCenter);
    }
    case Qt::FontRole: {
        QFont font;
        font.setBold(true);
        return column == 0 && m_open.contains(run.path) ? QVariant(font) : QVariant();
    }
    case Qt::ForegroundRole:
        return run.state == RunState::gone || run.state == RunState::unreadable ? QVariant(QPalette().brush(QPalette::PlaceholderText)) : QVariant();
    default: return {};
    }
}

bool RunModel::setData(const QModelIndex &index, const QVariant &value, int role)
{
    if (role != Qt::EditRole || !index.isValid() || (index.column() != kNote && index.column() != kTags))
        return false;
    RunSummary &run = m_runs[size_t(index.row())];
    RunNotes notes = run.notes;
    try {
        if (index.column() == kNote)
            notes.note = value.toString().trimmed().toStdString();
        else
            notes.tags = tagsOf(value.toString().toStdString());
    } catch (const std::invalid_argument &error) {
        emit refused(QString::fromUtf8(error.what()));
        return false;
    }
    if (notes == run.notes)
        return false;
    run.notes = notes; // as it will be once it is written
    emit dataChanged(index, index);
    emit notesEdited(QString::fromStdString(run.path.string()), notes);
    return true;
}

Qt::ItemFlags RunModel::flags(const QModelIndex &index) const
{
    Qt::ItemFlags flags = Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsDragEnabled | Qt::ItemNeverHasChildren;
    const bool editable = index.isValid() && (index.column() == kNote || index.column() == kTags) && run(index.row()).state != RunState::gone;
    return editable ? flags | Qt::ItemIsEditable : flags;
}

QStringList RunModel::mimeTypes() const
{
    return {QStringLiteral("text/uri-list")};
}

/// Folders, as they are dropped on Metrics and Evaluation.
QMimeData *RunModel::mimeData(const QModelIndexList &indexes) const
{
    std::set<int> rows;
    for (const QModelIndex &index : indexes)
        rows.insert(index.row());
    QList<QUrl> urls;
    for (const int row : rows)
        urls << QUrl::fromLocalFile(QString::fromStdString(run(row).path.string()));
    auto *data = new QMimeData;
    data->setUrls(urls);
    return data;
}

} // namespace pretext
