#include "app/exportdialog.h"

#include "app/taborder.h"

#include "core/backend/backend.h"
#include "core/data/modalitytype.h"
#include "core/exchange/export.h"
#include "core/exchange/huggingface.h"
#include "core/exchange/modalityexport.h"
#include "core/files/said.h"
#include "core/system/threads.h"
#include "widgets/background.h"
#include "widgets/said.h"
#include "widgets/run.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDir>
#include <QFileDialog>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QStandardItemModel>

namespace pretext {

namespace {

struct Wish
{
    std::filesystem::path checkpoint, out;
    QString format;
    bool projector;
    std::shared_ptr<const Dataset> dataset;
};

ExportReport exportNow(const Wish &request)
{
    if (std::filesystem::exists(request.out))
        throw std::invalid_argument(pretext::said("%1 exists; choose another name, since nothing is overwritten", {request.out.string()}));
    const ThreadBudget alone(1); // only the trainer has a team of threads
    TrainedEncoder trained = loadEncoder(request.checkpoint);
    if (request.format == "huggingface")
        return exportHuggingFace(trained, request.out);
    if (request.projector && !trained.method->projector())
        throw std::invalid_argument(pretext::said("%1 trains no projector; export the encoder alone", {trained.state.config.method}));
    Module *projector = request.projector ? trained.method->projector() : nullptr;
    return request.format == "onnx" ? exportOnnx(*trained.encoder, trained.state, *request.dataset, request.out, projector)
                                    : exportSafetensors(*trained.encoder, trained.state, request.out, projector);
}

QString sentence(const ExportReport &report)
{
    if (report.largestDifference < 0)
        return ExportDialog::tr("Wrote %1.").arg(QString::fromStdString(report.file));
    return ExportDialog::tr("Exported %1. Compared with %2: the largest difference is %3, where values are as large as %4.%5")
        .arg(QString::fromStdString(report.file), QString::fromStdString(report.checkedWith))
        .arg(report.largestDifference, 0, 'g', 2)
        .arg(report.scale, 0, 'g', 3)
        .arg(report.alike ? u' ' + ExportDialog::tr("These embeddings are all alike: the encoder has collapsed, or the samples are all alike.") : QString());
}

} // namespace

ExportDialog::ExportDialog(Run *run, QWidget *parent)
    : QDialog(parent)
    , m_run(run)
    , m_format(new QComboBox(this))
    , m_projector(new QCheckBox(tr("with the projector"), this))
    , m_file(new QLineEdit(QDir::home().filePath("encoder.onnx"), this))
    , m_result(new QLabel(this))
{
    setWindowTitle(tr("Export encoder"));
    resize(580, 300);
    auto *form = new QFormLayout(this);
    m_format->addItem(tr("ONNX, for ONNX Runtime, OpenCV and others"), "onnx");
    m_format->addItem(tr("safetensors, the weights alone"), "safetensors");
    m_format->addItem(tr("Hugging Face folder, for the transformers libraries"), "huggingface");
    form->addRow(tr("Format"), m_format);
    auto *row = new QHBoxLayout;
    auto *choose = new QPushButton(tr("Choose …"), this);
    row->addWidget(m_file, 1);
    row->addWidget(choose);
    form->addRow(tr("Destination"), row);
    form->addRow(tr("Contents"), m_projector);
    auto *steps = new QLabel(preprocessing(), this);
    steps->setWordWrap(true);
    form->addRow(tr("Preprocessing"), steps);
    m_result->setWordWrap(true);
    m_result->setTextInteractionFlags(Qt::TextSelectableByMouse);
    form->addRow(m_result);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    m_export = buttons->addButton(tr("&Export"), QDialogButtonBox::ActionRole);
    form->addRow(buttons);
    tabAlong(form);
    connect(choose, &QPushButton::clicked, this, &ExportDialog::chooseFile);
    connect(m_export, &QPushButton::clicked, this, &ExportDialog::begin);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::close);
    connect(m_format, &QComboBox::currentIndexChanged, this, [this] {
        const QFileInfo file(m_file->text());
        const QString format = m_format->currentData().toString();
        m_file->setText(file.dir().filePath(file.completeBaseName() + (format == "huggingface" ? QString() : '.' + format)));
    });
    m_export->setEnabled(run->hasJob());
    offerWhatFits();
}

/// What the kind of data rules out is grey, and says why.
void ExportDialog::offerWhatFits()
{
    if (!m_run->dataset())
        return;
    const Modality modality = m_run->dataset()->info().modality;
    const ModalityExport *kind = modalityType(modality).exchange;
    const QString what = translated(toText(modality));
    const bool asFolder = kind && kind->huggingFace, withProjector = kind && kind->projector;
    const int folder = m_format->findData("huggingface"), onnx = m_format->findData("onnx");
    const auto *formats = qobject_cast<QStandardItemModel *>(m_format->model());
    formats->item(folder)->setEnabled(asFolder);
    formats->item(onnx)->setEnabled(kind && kind->onnx);
    if (!formats->item(onnx)->isEnabled())
        m_format->setCurrentIndex(m_format->findData("safetensors"));
    m_format->setItemData(folder,
                          asFolder ? tr("A masked language model becomes BERT, a causal one GPT-2; others go out without their heads.")
                                   : tr("Is for encoders of text; this one reads %1.").arg(what),
                          Qt::ToolTipRole);
    m_projector->setEnabled(withProjector);
    m_projector->setToolTip(withProjector ? tr("The projector serves the loss only; features for other tasks are taken before it.")
                            : asFolder    ? tr("An encoder of %1 goes out alone, or with its vocabulary head as a Hugging Face folder.").arg(what)
                                          : tr("An encoder of %1 goes out alone.").arg(what));
}

QString ExportDialog::preprocessing() const
{
    if (!m_run->dataset())
        return tr("nothing is open");
    const DatasetInfo &info = m_run->dataset()->info();
    const ModalityExport *kind = modalityType(info.modality).exchange;
    return kind ? QString::fromStdString(kind->said(info)) : tr("encoders of %1 do not go out").arg(translated(toText(info.modality)));
}

void ExportDialog::chooseFile()
{
    auto *dialog = new QFileDialog(this, tr("Export to"), QFileInfo(m_file->text()).absolutePath());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setOption(QFileDialog::DontConfirmOverwrite);
    dialog->selectFile(m_file->text());
    connect(dialog, &QFileDialog::fileSelected, m_file, &QLineEdit::setText);
    dialog->open();
}

void ExportDialog::begin()
{
    m_export->setEnabled(false);
    m_result->setText(tr("Saving a checkpoint …"));
    m_run->withCheckpoint(this, [this](const std::filesystem::path &checkpoint) {
        checkpoint.empty() ? finish(tr("There is no checkpoint of this job; nothing was exported.")) : write(checkpoint);
    });
}

void ExportDialog::write(const std::filesystem::path &checkpoint)
{
    m_result->setText(tr("Writing, reloading and comparing …"));
    const Wish request{checkpoint, m_file->text().toStdString(), m_format->currentData().toString(), m_projector->isChecked(), m_run->dataset()};
    inBackground(
        this, [request] { return exportNow(request); }, [this](const ExportReport &report) { finish(sentence(report)); },
        [this](const QString &line) { finish(tr("Not exported: %1").arg(line)); });
}

void ExportDialog::finish(const QString &text)
{
    m_result->setText(text);
    if (const int needed = layout()->heightForWidth(width()); needed > height())
        resize(width(), needed);
    m_export->setEnabled(m_run->hasJob());
}

} // namespace pretext
