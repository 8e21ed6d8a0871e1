#include "app/runsdialog.h"

#include "widgets/background.h"

#include <QDialogButtonBox>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QMessageBox>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>

namespace pretext {

RunsDialog::RunsDialog(std::filesystem::path root, QWidget *parent)
    : QDialog(parent)
    , m_root(std::move(root))
    , m_table(new QTableWidget(0, 3, this))
    , m_total(new QLabel(this))
{
    setWindowTitle(tr("Runs"));
    resize(560, 380);
    auto *column = new QVBoxLayout(this);
    column->addWidget(m_table);
    column->addWidget(m_total);
    m_total->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_total->setWordWrap(true);
    m_table->setHorizontalHeaderLabels({tr("Run"), tr("Last changed"), tr("On disk")});
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->verticalHeader()->hide();
    m_table->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    m_open = buttons->addButton(tr("Open"), QDialogButtonBox::ActionRole);
    m_delete = buttons->addButton(tr("Delete"), QDialogButtonBox::DestructiveRole);
    column->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::close);
    connect(m_table, &QTableWidget::itemSelectionChanged, this, &RunsDialog::updateButtons);
    connect(m_delete, &QPushButton::clicked, this, &RunsDialog::deleteSelected);
    connect(m_open, &QPushButton::clicked, this, [this] {
        emit openRequested(selected().front());
        close();
    });
    updateButtons();
    reload();
}

void RunsDialog::reload()
{
    m_total->setText(tr("Reading %1 …").arg(QString::fromStdString(m_root.string())));
    inBackground(
        this, [root = m_root] { return listRuns(root); }, [this](const std::vector<RunEntry> &runs) { list(runs); },
        [this](const QString &line) { m_total->setText(line); });
}

void RunsDialog::list(const std::vector<RunEntry> &runs)
{
    const QLocale locale;
    qint64 total = 0;
    m_table->setRowCount(static_cast<int>(runs.size()));
    for (int row = 0; row < m_table->rowCount(); ++row) {
        const RunEntry &run = runs[row];
        const QString name = QString::fromStdString(run.path.filename().string());
        auto *item = new QTableWidgetItem(run.open ? tr("%1 (open)").arg(name) : name);
        item->setData(Qt::UserRole, QString::fromStdString(run.path.string()));
        item->setData(Qt::UserRole + 1, run.open);
        m_table->setItem(row, 0, item);
        m_table->setItem(row, 1, new QTableWidgetItem(locale.toString(run.modified, QLocale::ShortFormat)));
        auto *bytes = new QTableWidgetItem(locale.formattedDataSize(run.bytes));
        bytes->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
        m_table->setItem(row, 2, bytes);
        total += run.bytes;
    }
    m_total->setText(tr("%1 in %2").arg(locale.formattedDataSize(total), QString::fromStdString(m_root.string())));
    updateButtons();
}

QStringList RunsDialog::selected() const
{
    QStringList runs;
    for (const QModelIndex &index : m_table->selectionModel()->selectedRows())
        if (!m_table->item(index.row(), 0)->data(Qt::UserRole + 1).toBool())
            runs << m_table->item(index.row(), 0)->data(Qt::UserRole).toString();
    return runs;
}

void RunsDialog::updateButtons()
{
    const auto count = selected().size();
    m_open->setEnabled(count == 1);
    m_delete->setEnabled(count > 0);
}

void RunsDialog::deleteSelected()
{
    const QStringList runs = selected();
    auto *question =
        new QMessageBox(QMessageBox::Question, tr("Delete runs"),
                        tr("Delete the selected runs (%1) with all their checkpoints? This cannot be undone.").arg(runs.size()), QMessageBox::Cancel, this);
    question->setAttribute(Qt::WA_DeleteOnClose);
    const QAbstractButton *yes = question->addButton(tr("Delete"), QMessageBox::DestructiveRole);
    connect(question, &QMessageBox::buttonClicked, this, [this, runs, yes](QAbstractButton *button) {
        if (button != yes)
            return;
        const auto work = [root = m_root, runs] {
            for (const QString &run : runs)
                deleteRun(root, run.toStdString());
            return true;
        };
        inBackground(
            this, work,
            [this](bool) {
                reload();
                emit deleted();
            },
            [this](const QString &line) {
                reload();
                m_total->setText(line);
            });
    });
    question->open();
}

} // namespace pretext
