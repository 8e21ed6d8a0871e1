// What goes out of the embedding map: the chosen samples as a table, all embeddings for NumPy or TensorBoard's Projector, and the maps of all steps as
// a film. Written beside the window.
#include "core/analysis/spread.h"
#include "core/exchange/projectorfiles.h"
#include "core/files/said.h"
#include "widgets/background.h"
#include "widgets/panels/embeddingmapbar.h"
#include "widgets/panels/embeddingmappanel.h"
#include "widgets/panels/mapfilm.h"
#include "widgets/panels/mapmaker.h"
#include "widgets/progressing.h"
#include "widgets/run.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>
#include <QSaveFile>

#include <stdexcept>

namespace pretext {

namespace {

void writeWords(const QString &path, const QByteArray &words)
{
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(words) != words.size() || !file.commit())
        throw std::runtime_error(path.toStdString() + ": " + said("cannot be written: %1", {file.errorString().toStdString()}));
}

std::vector<int32_t> classesOf(const Dataset &dataset, int64_t count)
{
    std::vector<int32_t> classes;
    for (int64_t i = 0; i < count; ++i)
        classes.push_back(int32_t(dataset.label(Split::test, i)));
    return classes;
}

/// Vectors of samples spread evenly over the split, by the name's suffix.
void writeEmbeddings(const std::filesystem::path &path, const Matrix &embeddings, const Dataset &whole)
{
    const auto samples = spreadSubset(whole, 0, embeddings.rows);
    if (path.extension() == ".tsv") {
        writeProjectorFiles(path, embeddings, *samples, Split::test);
        return;
    }
    if (path.extension() != ".npy")
        throw std::invalid_argument(path.string() + ": " + said("end the name in .npy or .tsv"));
    writeNpy(path, embeddings);
    if (hasClasses(whole.info()))
        writeNpy(std::filesystem::path(path).replace_extension(".labels.npy"), classesOf(*samples, embeddings.rows));
}

} // namespace

void EmbeddingMapPanel::addExports()
{
    QMenu &menu = m_bar->exports();
    QAction *chosen = menu.addAction(tr("&Selected samples as a table..."), this, [this] {
        askForFile(tr("Save the selected samples"), tr("Tables (*.csv *.tsv)"), QStringLiteral("selected.csv"),
                   [this](const QString &path) { exportChosen(path); });
    });
    QAction *embeddings = menu.addAction(tr("&Embeddings of these samples..."), this, [this] {
        askForFile(tr("Save the embeddings"), tr("For TensorBoard's Projector, with labels and pictures (*.tsv);;For NumPy (*.npy)"),
                   QStringLiteral("embeddings.tsv"), [this](const QString &path) { exportEmbeddings(path); });
    });
    QAction *film = menu.addAction(tr("&Film of all steps..."), this, [this] {
        askForFile(tr("Save the maps as a film"), tr("Films (*.gif *.avi *.mp4)"), QStringLiteral("map.gif"),
                   [this](const QString &path) { exportFilm(path); });
    });
    connect(&menu, &QMenu::aboutToShow, this, [this, chosen, embeddings, film] {
        chosen->setEnabled(m_shown.map && !m_chosen.samples().empty());
        embeddings->setEnabled(m_maker->embeddings() && !m_export);
        film->setEnabled(history().size() > 1 && !m_export);
    });
}

void EmbeddingMapPanel::askForFile(const QString &title, const QString &filter, const QString &suggested, std::function<void(const QString &)> chosen)
{
    auto *dialog = new QFileDialog(this, title, {}, filter);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setFileMode(QFileDialog::AnyFile);
    dialog->selectFile(suggested);
    connect(dialog, &QFileDialog::fileSelected, this, [chosen = std::move(chosen)](const QString &path) { chosen(path); });
    dialog->open();
}

/// Says what became of it above the map.
void EmbeddingMapPanel::inWork(const QString &path, std::function<void(Progressing &)> work)
{
    m_export = std::make_shared<Progressing>();
    m_notice = tr("Writing %1 ...").arg(path);
    repaint();
    const auto end = [this, progress = m_export](const QString &notice) {
        if (progress != m_export)
            return;
        m_export.reset();
        m_notice = notice;
        canvas().setAccessibleDescription(description());
        repaint();
    };
    inBackground(
        this,
        [work = std::move(work), progress = m_export] {
            work(*progress);
            return true;
        },
        [end, path](bool) { end(tr("Wrote %1").arg(path)); }, [end](const QString &line) { end(tr("Not written: %1").arg(line)); });
}

void EmbeddingMapPanel::exportChosen(const QString &path)
{
    if (!m_shown.map)
        return;
    const QChar separator = QFileInfo(path).suffix().compare(QStringLiteral("tsv"), Qt::CaseInsensitive) == 0 ? u'\t' : u',';
    inWork(path, [path, separator, dataset = run().dataset(), map = m_shown.map, samples = m_chosen.samples()](Progressing &) {
        writeWords(path, mapTable(*dataset, *map, samples, separator).toUtf8());
    });
}

void EmbeddingMapPanel::exportEmbeddings(const QString &path)
{
    const auto embeddings = m_maker->sharedEmbeddings();
    if (!embeddings)
        return;
    inWork(path, [path, embeddings, dataset = run().dataset()](Progressing &) { writeEmbeddings(path.toStdString(), *embeddings, *dataset); });
}

void EmbeddingMapPanel::exportFilm(const QString &path)
{
    MapFilm film{{}, {}, m_orbit, Theme::of(this), m_samples.dataset() ? QString::fromStdString(m_samples.dataset()->info().name) : QString(), methodName()};
    for (int i = 0; i < history().size(); ++i)
        if (history().at(i).map->samples() == m_shown.map->samples())
            film.maps.push_back(history().at(i));
    film.labels = m_labels;
    inWork(path, [film = std::move(film), path](Progressing &progress) { writeFilm(film, path, [&](double share) { return progress.report({}, share); }); });
}

/// In the run's folder, where the list of runs finds it: of its first map, and now and then of a newer one.
void EmbeddingMapPanel::keepPicture()
{
    constexpr qint64 kPictureMs = 30'000;
    const std::filesystem::path folder = run().path();
    if (folder.empty() || !m_labels || !m_samples.dataset() || (m_pictured.isValid() && m_pictured.elapsed() < kPictureMs))
        return;
    m_pictured.start();
    MapFilm film{{m_shown}, m_labels, m_orbit, Theme::of(this), QString::fromStdString(m_samples.dataset()->info().name), methodName(), {480, 360}};
    const auto write = [film = std::move(film), file = QString::fromStdString((folder / "map.png").string())] {
        QSaveFile picture(file);
        picture.setDirectWriteFallback(false);
        return picture.open(QIODevice::WriteOnly) && filmFrame(film, 0).save(&picture, "PNG") && picture.commit();
    };
    inBackground(
        this, write, [](bool) {}, [](const QString &) {}, analysisPool()); // without it the list has no picture, and nothing else is lost
}

} // namespace pretext
