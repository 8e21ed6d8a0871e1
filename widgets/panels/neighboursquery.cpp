// What neighbours are of: the sample that is selected anywhere, or a picture or a sentence of the user's own.
#include "widgets/panels/neighbourspanel.h"

#include "core/data/modalitytype.h"
#include "core/data/sources/picture.h"
#include "core/files/said.h"
#include "core/files/shownpath.h"
#include "widgets/background.h"
#include "widgets/elidedlabel.h"
#include "widgets/run.h"

#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QMimeData>
#include <QPushButton>
#include <QUrl>

#include <algorithm>
#include <stdexcept>

namespace pretext {

void NeighboursPanel::makeTools()
{
    m_open->setToolTip(
        tr("Looks for the neighbours of a picture of your own, which becomes as large and as colourful as those that the encoder was trained on; a picture "
           "can be dropped here, too."));
    m_text->setPlaceholderText(tr("Type a sentence whose neighbours you want to see"));
    m_text->setAccessibleName(tr("Your sentence"));
    m_back->setToolTip(tr("Looks for the neighbours of the sample that is selected anywhere again."));
    for (QWidget *tool : std::initializer_list<QWidget *>{m_open, m_text, m_back})
        toolbar().addWidget(tool);
    toolbar().addWidget(m_note, 1);
    connect(m_back, &QPushButton::clicked, this, &NeighboursPanel::forgetOwn);
    connect(m_text, &QLineEdit::textChanged, this, [this](const QString &text) {
        if (text.trimmed().isEmpty())
            return forgetOwn();
        NeighbourQuery own;
        own.text = text.toStdString();
        setOwn(own, tr("your sentence"));
    });
    connect(m_open, &QPushButton::clicked, this, [this] {
        auto *dialog = new QFileDialog(this, tr("A picture of yours"));
        dialog->setFileMode(QFileDialog::ExistingFile);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        connect(dialog, &QFileDialog::fileSelected, this, &NeighboursPanel::readOwn);
        dialog->open();
    });
}

NeighbourQuery NeighboursPanel::query() const
{
    if (m_own)
        return *m_own;
    const Sample chosen = selection().sample();
    const Dataset *dataset = m_samples.dataset();
    if (dataset && chosen && chosen.index < dataset->size(chosen.split))
        return {.split = chosen.split, .index = chosen.index};
    return {.split = Split::test, .index = 0};
}

void NeighboursPanel::followSelection()
{
    if (m_own) {
        repaint();
        return;
    }
    search();
}

void NeighboursPanel::setOwn(NeighbourQuery own, const QString &name)
{
    m_own = std::move(own);
    m_ownName = name;
    m_note->setText(m_bank ? tr("Looking for the neighbours of %1 …").arg(name) : QString());
    m_back->setVisible(true);
    search();
}

void NeighboursPanel::forgetOwn()
{
    m_own.reset();
    m_note->clear();
    m_back->setVisible(false);
    if (!m_text->text().isEmpty()) {
        const QSignalBlocker quiet(m_text);
        m_text->clear();
    }
    search();
}

/// What is asked of one method may be asked of the next; a picture is as large as those that the encoder takes.
bool NeighboursPanel::ownFits(const Dataset &data) const
{
    const DatasetInfo &info = data.info();
    if (m_own->text.empty())
        return byPictures() && m_own->picture.channels == info.image.channels && m_own->picture.height == info.image.height
               && m_own->picture.width == info.image.width;
    return modalityType(info.modality).sentences;
}

void NeighboursPanel::readOwn(const QString &path)
{
    m_note->setText(tr("Reading %1 …").arg(QFileInfo(path).fileName()));
    const std::filesystem::path file = path.toStdString();
    const ImageShape shape = m_samples.dataset()->info().image;
    const auto read = [file, shape] {
        try {
            Image picture = readPicture(file, {.size = shape.width, .colour = shape.channels == 3});
            if (picture.height != shape.height || picture.width != shape.width)
                throw std::runtime_error(pretext::said("only square images can be compared with pictures of your own"));
            return picture;
        } catch (const std::exception &error) {
            throw std::runtime_error(shownPath(file) + ": " + error.what());
        }
    };
    inBackground(
        this, read,
        [this, name = QString::fromStdString(file.filename().string())](Image picture) {
            NeighbourQuery own;
            own.picture = std::move(picture);
            setOwn(std::move(own), name);
        },
        [this](const QString &line) { m_note->setText(line); }, // what was asked before stays
        analysisPool());
}

void NeighboursPanel::dragEnterEvent(QDragEnterEvent *event)
{
    const bool pictures =
        byPictures() && std::ranges::any_of(event->mimeData()->urls(), [](const QUrl &url) { return isPictureName(url.toLocalFile().toStdString()); });
    if (pictures || (m_text->isVisible() && event->mimeData()->hasText()))
        event->acceptProposedAction();
}

void NeighboursPanel::dropEvent(QDropEvent *event)
{
    event->acceptProposedAction();
    if (m_text->isVisible())
        m_text->setText(event->mimeData()->text().simplified());
    else if (!event->mimeData()->urls().empty())
        readOwn(event->mimeData()->urls().front().toLocalFile());
}

QString NeighboursPanel::queryName() const
{
    if (m_own)
        return m_ownName;
    const NeighbourQuery asked = query();
    if (asked.split == Split::test)
        return m_samples.name(asked.index);
    const Dataset &dataset = *m_samples.dataset();
    const QString number = tr("training sample %1").arg(asked.index);
    if (!hasClasses(dataset.info()))
        return number;
    const auto &names = dataset.info().columns.front().classes;
    return QString::fromStdString(names.at(size_t(dataset.label(Split::train, asked.index)))) + QStringLiteral(", ") + number;
}

} // namespace pretext
