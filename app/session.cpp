#include "app/session.h"

#include "core/files/json.h"
#include "core/files/regularfile.h"
#include "core/files/safetensors.h"
#include "core/files/said.h"

#include <nlohmann/json.hpp>

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSaveFile>
#include <QtEndian>

#include <limits>
#include <stdexcept>

namespace pretext {

using nlohmann::json;

namespace {

constexpr const char *kKind = "pretext-session";
constexpr const char *kSessionField = "session"; // of a checkpoint's metadata
constexpr int kSessionVersion = 1;
constexpr uint64_t kLargestSession = 64 << 20;

/// Eight bytes of a length that fits the file, and the header that begins with a brace: no JSON text has that length.
bool isCheckpoint(const QString &path)
{
    QFile file(path);
    if (path.startsWith(':') || !QFileInfo(path).isFile() || !file.open(QIODevice::ReadOnly))
        return false;
    const QByteArray head = file.read(9);
    return head.size() == 9 && head[8] == '{' && qFromLittleEndian<quint64>(head.constData()) <= quint64(file.size());
}

std::string textOf(const QString &path)
{
    if (isCheckpoint(path)) {
        const auto metadata = readSafetensorsMetadata(path.toStdString());
        const auto session = metadata.find(kSessionField);
        if (session == metadata.end())
            throw std::invalid_argument(pretext::said("is not a session: it is a safetensors file whose metadata have no \"session\""));
        return session->second;
    }
    if (!path.startsWith(':'))
        return readRegularFile(path.toStdString(), kLargestSession);
    QFile file(path); // one of the program's own
    file.open(QIODevice::ReadOnly);
    return file.readAll().toStdString();
}

/// A run that was shared: nobody but this program writes such files, so that one which cannot be read was harmed on its way.
bool isShared(const QString &path)
{
    return path.endsWith(QLatin1String(".pretext"));
}

std::string damaged(const std::string &why)
{
    return pretext::said("is damaged, or was not copied whole; get it again (%1)", {why});
}

json parse(const QString &path)
{
    const std::string text = textOf(path);
    try {
        json document = parseJson(text);
        if (document.is_object())
            return document;
    } catch (const std::invalid_argument &error) {
        throw std::invalid_argument(isShared(path) ? damaged(error.what())
                                                   : said("is not a session: its content is not a JSON object that can be read: it %1", {error.what()}));
    }
    throw std::invalid_argument(said("is not a session: its content is not a JSON object"));
}

void checkKind(const json &document)
{
    const std::string kind = document.value("kind", std::string());
    if (kind != kKind)
        throw std::invalid_argument(said("is not a session: \"kind\" is \"%1\", not \"%2\"", {kind, kKind}));
    const int64_t version = wholeNumber(document.value("version", json(0)), 0, 1000);
    if (version < 1 || version > kSessionVersion)
        throw std::invalid_argument(said("has version %1; this program reads version %2", {std::to_string(version), std::to_string(kSessionVersion)}));
}

bool isPath(const std::string &dataset)
{
    for (const DatasetType &type : datasetTypes())
        if (type.name == dataset)
            return false;
    return !dataset.empty();
}

std::filesystem::path folderOf(const QString &session)
{
    return QFileInfo(session).absolutePath().toStdString();
}

Session read(const QString &path)
{
    const json document = parse(path);
    checkKind(document);
    Session session;
    if (document.contains("config")) {
        session.config = configFromJson(document.at("config"), Contradictions::settle);
        std::string &dataset = session.config->dataset;
        if (isPath(dataset))
            dataset = (folderOf(path) / dataset).lexically_normal().string();
    }
    const json knobs = document.value("knobs", json::object());
    for (const auto &[name, value] : knobs.items())
        session.knobs[name] = value.is_string() ? value.get<std::string>() : value.dump();
    session.layout = QByteArray::fromBase64(QByteArray::fromStdString(document.value("layout", std::string())));
    for (const auto &panel : document.value("panels", json::array()))
        session.panels << QString::fromStdString(panel.get<std::string>());
    const json selection = document.value("selection", json::object());
    session.pair = static_cast<int>(wholeNumber(selection.value("pair", json(-1)), -1, std::numeric_limits<int>::max()));
    session.sample.index = wholeNumber(selection.value("sample", json(-1)), -1, std::numeric_limits<int64_t>::max());
    session.sample.split = selection.value("split", std::string("train")) == "test" ? Split::test : Split::train;
    if (const auto pair = document.find("sideBySide"); pair != document.end()) {
        const auto folder = [&](const char *side) { return (folderOf(path) / pair->at(side).get<std::string>()).lexically_normal(); };
        session.sideBySide = {folder("left"), folder("right"), pair->value("apart", std::vector<std::string>())};
    }
    if (document.contains("data"))
        session.data = dataMarkFromJson(document.at("data"));
    session.weights = isCheckpoint(path);
    return session;
}

} // namespace

Session readSession(const QString &path)
{
    try {
        return read(path);
    } catch (const std::invalid_argument &error) {
        const std::string what = error.what();
        throw std::invalid_argument(what.starts_with(path.toStdString()) ? what : path.toStdString() + " " + what);
    } catch (const std::runtime_error &error) {
        throw std::invalid_argument(isShared(path) ? path.toStdString() + " " + damaged(error.what()) : error.what());
    } catch (const json::exception &error) {
        throw std::invalid_argument(said("%1 is not a session: %2", {path.toStdString(), error.what()}));
    }
}

void writeSession(const QString &path, const Session &session, const std::filesystem::path &checkpoint)
{
    json document = {{"kind", kKind}, {"version", kSessionVersion}, {"layout", session.layout.toBase64().toStdString()}};
    if (session.config) {
        RunConfig config = *session.config;
        if (isPath(config.dataset))
            config.dataset = std::filesystem::absolute(config.dataset).lexically_relative(folderOf(path)).string();
        document["config"] = toJson(config);
    }
    for (const auto &[name, value] : session.knobs)
        document["knobs"][name] = value;
    for (const QString &panel : session.panels)
        document["panels"].push_back(panel.toStdString());
    if (session.pair >= 0)
        document["selection"]["pair"] = session.pair;
    if (session.sample) {
        document["selection"]["sample"] = session.sample.index;
        document["selection"]["split"] = session.sample.split == Split::test ? "test" : "train";
    }
    if (session.sideBySide) {
        const auto relative = [&](const std::filesystem::path &run) { return std::filesystem::absolute(run).lexically_relative(folderOf(path)).string(); };
        document["sideBySide"] = {
            {"left", relative(session.sideBySide->left)}, {"right", relative(session.sideBySide->right)}, {"apart", session.sideBySide->apart}};
    }
    if (session.data)
        document["data"] = toJson(*session.data);
    QFileInfo(path).dir().mkpath(".");
    if (!checkpoint.empty()) {
        SafetensorsFile weights = readSafetensors(checkpoint);
        weights.metadata[kSessionField] = document.dump();
        writeSafetensors(path.toStdString(), weights);
        return;
    }
    QSaveFile file(path);
    const QByteArray text = QByteArray::fromStdString(document.dump(2)) + '\n';
    if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size() || !file.commit())
        throw std::runtime_error(said("%1 cannot be written: %2", {path.toStdString(), file.errorString().toStdString()}));
}

} // namespace pretext
