#include "app/sharedialog.h"

#include "core/engine/datamark.h"
#include "core/engine/rowfile.h"
#include "core/system/threads.h"
#include "widgets/background.h"
#include "widgets/run.h"

#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QGroupBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include <utility>

namespace pretext {

namespace {

constexpr int kShownCode = 240; // pixels

struct Looked
{
    Shared shared;
    qint64 checkpointBytes = 0;
};

Looked lookAt(const std::filesystem::path &run, const Dataset &dataset)
{
    Looked looked{sharedRun(run, dataset), 0};
    std::error_code none;
    if (const auto checkpoints = checkpointsIn(run); !checkpoints.empty())
        looked.checkpointBytes = qint64(std::filesystem::file_size(checkpoints.back(), none));
    return looked;
}

} // namespace

ShareDialog::ShareDialog(Run *run, std::function<Session()> session, QWidget *parent)
    : QDialog(parent)
    , m_run(run)
    , m_session(std::move(session))
    , m_text(new QPlainTextEdit(this))
    , m_notes(new QLabel(this))
    , m_code(new QLabel(this))
    , m_size(new QLabel(this))
    , m_result(new QLabel(this))
    , m_weights(new QCheckBox(tr("with the &weights, and all else that the run has at its step"), this))
    , m_copy(new QPushButton(tr("&Copy"), this))
    , m_saveQr(new QPushButton(tr("Save the &QR code …"), this))
    , m_saveFile(new QPushButton(tr("&Save the file …"), this))
{
    setWindowTitle(tr("Share the run"));
    resize(720, 520);
    auto *column = new QVBoxLayout(this);
    column->addWidget(makeTextPart(), 1);
    column->addWidget(makeFilePart());
    m_result->setWordWrap(true);
    m_result->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column->addWidget(m_result);
    auto *close = new QDialogButtonBox(QDialogButtonBox::Close, this);
    connect(close, &QDialogButtonBox::rejected, this, &QDialog::reject);
    column->addWidget(close);
    for (QPushButton *button : {m_copy, m_saveQr, m_saveFile})
        button->setEnabled(false);
    if (run->path().empty() || !run->dataset()) {
        say(tr("There is no run with a folder to be shared."));
        return;
    }
    inBackground(
        this, [path = run->path(), dataset = run->dataset()] { return lookAt(path, *dataset); },
        [this](Looked looked) {
            m_checkpointBytes = looked.checkpointBytes;
            take(std::move(looked.shared));
        },
        [this](const QString &line) { say(line); });
}

QWidget *ShareDialog::makeTextPart()
{
    auto *part = new QGroupBox(tr("A text for a slide or a message"), this);
    auto *row = new QHBoxLayout(part);
    auto *left = new QVBoxLayout;
    m_text->setReadOnly(true);
    m_text->setAccessibleName(tr("The run's text"));
    m_notes->setWordWrap(true);
    auto *what = new QLabel(tr("It begins the run again, bit for bit: in a terminal, or pasted into File > Open from text. The code at its end refuses other "
                               "settings and other data."),
                            part);
    what->setWordWrap(true);
    auto *buttons = new QHBoxLayout;
    buttons->addWidget(m_copy);
    buttons->addWidget(m_saveQr);
    buttons->addStretch(1);
    left->addWidget(what);
    left->addWidget(m_text, 1);
    left->addWidget(m_notes);
    left->addLayout(buttons);
    row->addLayout(left, 1);
    m_code->setFixedSize(kShownCode, kShownCode);
    m_code->setAlignment(Qt::AlignCenter);
    m_code->setAccessibleName(tr("QR code of the text"));
    row->addWidget(m_code, 0, Qt::AlignTop);
    connect(m_copy, &QPushButton::clicked, this, [this] {
        QApplication::clipboard()->setText(text());
        say(tr("The text was copied."));
    });
    connect(m_saveQr, &QPushButton::clicked, this, &ShareDialog::saveQr);
    return part;
}

QWidget *ShareDialog::makeFilePart()
{
    auto *part = new QGroupBox(tr("A file with settings, layout and selection"), this);
    auto *row = new QHBoxLayout(part);
    row->addWidget(m_weights);
    row->addWidget(m_size, 1);
    row->addWidget(m_saveFile);
    connect(m_weights, &QCheckBox::toggled, this, &ShareDialog::showSize);
    connect(m_saveFile, &QPushButton::clicked, this, &ShareDialog::saveFile);
    return part;
}

QString ShareDialog::text() const
{
    return m_text->toPlainText();
}

void ShareDialog::take(Shared shared)
{
    m_text->setPlainText(QString::fromStdString(shared.text));
    QStringList notes;
    for (const std::string &note : shared.notes)
        notes << QString::fromStdString(note);
    m_notes->setText(notes.join(u'\n'));
    m_notes->setVisible(!notes.isEmpty());
    try { // sharp: whole pixels a module, as many as fit
        const QImage smallest = qrImage(shared.text, 1);
        const int pixels = std::max(1, kShownCode / smallest.width());
        m_code->setPixmap(QPixmap::fromImage(smallest.scaled(pixels * smallest.size())));
    } catch (const std::exception &error) {
        m_code->setText(QString::fromUtf8(error.what()));
        m_code->setWordWrap(true);
    }
    m_saveQr->setEnabled(!m_code->pixmap().isNull());
    m_copy->setEnabled(true);
    m_saveFile->setEnabled(true);
    showSize();
}

void ShareDialog::showSize()
{
    constexpr qint64 kSession = 3500; // bytes, about
    m_size->setText(tr("about %1").arg(QLocale().formattedDataSize(kSession + (m_weights->isChecked() ? m_checkpointBytes : 0), 1)));
}

void ShareDialog::saveQr()
{
    auto *dialog = new QFileDialog(this, tr("Save the QR code"), {}, tr("Pictures (*.png *.svg)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->selectFile("run.png");
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &file) {
        try {
            writeQr(file, text().toStdString());
            say(tr("%1 was written.").arg(file));
        } catch (const std::exception &error) {
            say(QString::fromUtf8(error.what()));
        }
    });
    dialog->open();
}

void ShareDialog::saveFile()
{
    auto *dialog = new QFileDialog(this, tr("Save the run for others"), {}, tr("Runs to share (*.pretext)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix("pretext");
    dialog->selectFile("run.pretext");
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &file) {
        if (!m_weights->isChecked())
            return write(file, {});
        m_run->withCheckpoint(this, [this, file](const std::filesystem::path &checkpoint) {
            checkpoint.empty() ? say(tr("There is no checkpoint to take the weights from.")) : write(file, checkpoint);
        });
    });
    dialog->open();
}

void ShareDialog::write(const QString &file, const std::filesystem::path &checkpoint)
{
    const auto work = [file, checkpoint, session = m_session(), dataset = m_run->dataset()]() mutable {
        const ThreadBudget alone(1);
        session.data = markOf(*dataset);
        writeSession(file, session, checkpoint);
        return QFileInfo(file).size();
    };
    inBackground(
        this, work, [this, file](qint64 bytes) { say(tr("%1 was written, %2.").arg(file, QLocale().formattedDataSize(bytes, 1))); },
        [this](const QString &line) { say(line); });
}

void ShareDialog::say(const QString &line)
{
    m_result->setText(line);
}

} // namespace pretext
