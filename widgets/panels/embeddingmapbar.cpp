#include "widgets/panels/embeddingmapbar.h"

#include "widgets/panels/mapmaker.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QMenu>
#include <QSignalBlocker>
#include <QToolButton>

#include <algorithm>

namespace pretext {

namespace {

constexpr int kSampleChoices[] = {500, 1000, 2000, 10000, 0}; // 0: all
constexpr int kFirstChoice = 1, kTypedMilliseconds = 250, kApartChoice = -1;

} // namespace

EmbeddingMapBar::EmbeddingMapBar(QWidget *parent) : QWidget(parent)
{
    auto *rows = new QVBoxLayout(this);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(4);
    auto *what = new QHBoxLayout, *where = new QHBoxLayout;
    for (QHBoxLayout *row : {what, where}) {
        row->setSpacing(6);
        rows->addLayout(row);
    }
    addWhat(what);
    addWhere(where);
    setColumns({});
}

void EmbeddingMapBar::addWhat(QHBoxLayout *row)
{
    m_samples = new QComboBox;
    m_samples->setObjectName(QStringLiteral("samples"));
    m_samples->setAccessibleName(tr("Samples"));
    for (const int samples : kSampleChoices)
        m_samples->addItem(samples > 0 ? tr("%1 samples").arg(samples) : tr("All samples"), samples);
    m_samples->setCurrentIndex(kFirstChoice);
    m_samples->setToolTip(tr("How many held-out samples the map shows, spread evenly over the test split; all are at most %1. "
                             "The more, the longer each map takes, and the later the next one comes.")
                              .arg(MapMaker::kMostSamples));
    m_method = new QComboBox;
    m_method->setObjectName(QStringLiteral("method"));
    m_method->setAccessibleName(tr("Kind of map"));
    m_method->addItem(tr("PCA"), int(MapMethod::pca));
    m_method->addItem(tr("t-SNE"), int(MapMethod::tsne));
    m_method->addItem(tr("UMAP"), int(MapMethod::umap));
    m_method->setToolTip(
        tr("<p><b>PCA</b>: the directions along which the embeddings h vary most. It is linear, so distances mean something, and each map is turned or "
           "mirrored onto "
           "the one before it (orthogonal Procrustes), which changes no distance: what moves is the encoder.</p>"
           "<p><b>t-SNE</b> and <b>UMAP</b> put samples beside each other that are neighbours in the whole embedding, by angle. Read off it who is near whom; "
           "how far apart two clusters lie and how large they are means little in UMAP and nothing in t-SNE. Each map begins where the last one stood.</p>"));
    m_dimensions = new QComboBox;
    m_dimensions->setObjectName(QStringLiteral("dimensions"));
    m_dimensions->setAccessibleName(tr("Dimensions"));
    m_dimensions->addItem(tr("2-D"), 2);
    m_dimensions->addItem(tr("3-D"), 3);
    m_dimensions->setToolTip(tr("In the plane or in space, where there is more room for neighbours: drag to turn it; far points are small and faint."));
    m_colour = new QComboBox;
    m_colour->setObjectName(QStringLiteral("colour"));
    m_colour->setAccessibleName(tr("Coloured by"));
    m_colour->setToolTip(tr("<p>By what the points are coloured: a label, a factor or another column of the data. The encoder sees none of them, so "
                            "where one colour is together, it has found that by itself.</p><p><i>Views apart</i> is 1 − cosine of two augmented views of a "
                            "sample: what is left to pull "
                            "together. It is the part of a contrastive loss that a single sample has; the rest depends on the batch it meets.</p>"));
    for (QComboBox *box : {m_samples, m_method, m_dimensions, m_colour}) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
        row->addWidget(box);
    }
    m_colour->setMinimumContentsLength(6);
    m_colour->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_colour->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(m_samples, &QComboBox::currentIndexChanged, this, [this] { emit samplesChanged(samples()); });
    for (QComboBox *box : {m_method, m_dimensions})
        connect(box, &QComboBox::currentIndexChanged, this, [this] {
            m_anew->setEnabled(kind().method != MapMethod::pca);
            emit kindChanged(kind());
        });
    connect(m_colour, &QComboBox::currentIndexChanged, this, &EmbeddingMapBar::colouringChanged);
}

QToolButton *EmbeddingMapBar::addButton(QHBoxLayout *row, const QString &text, const QString &help)
{
    auto *button = new QToolButton;
    button->setText(text);
    button->setToolTip(help);
    button->setToolButtonStyle(Qt::ToolButtonTextOnly);
    button->setFocusPolicy(Qt::StrongFocus);
    row->addWidget(button);
    return button;
}

void EmbeddingMapBar::addWhere(QHBoxLayout *row)
{
    m_search = new QLineEdit;
    m_search->setObjectName(QStringLiteral("search"));
    m_search->setPlaceholderText(tr("Find samples"));
    m_search->setAccessibleName(tr("Find samples"));
    m_search->setClearButtonEnabled(true);
    m_search->setMinimumWidth(80);
    m_search->setToolTip(tr("Shows the samples whose text, name or label holds these words, and pales the others: do they lie together?"));
    row->addWidget(m_search, 1);
    m_lasso = addButton(row, tr("Lass&o"),
                        tr("Draw around samples with the mouse to select them (or hold Shift): they are listed with their pictures, and can be exported. "
                           "Escape lets go of them."));
    m_lasso->setCheckable(true);
    auto *whole = addButton(row, tr("Show a&ll"), tr("Brings all points back into view (Home, or a double click on the map)."));
    m_anew = addButton(row, tr("A&new"),
                       tr("Lays the map out from the start, where it otherwise begins at the map before. A map that has followed the encoder for long "
                          "may have kept clusters apart that belong together."));
    m_anew->setEnabled(false);
    auto *out = addButton(row, tr("E&xport"),
                          tr("The selected samples as a table, the embeddings for NumPy or TensorBoard's Projector, and the maps of all steps as a film."));
    m_exports = new QMenu(out);
    out->setMenu(m_exports);
    out->setPopupMode(QToolButton::InstantPopup);
    m_typed.setSingleShot(true);
    m_typed.setInterval(kTypedMilliseconds);
    connect(m_search, &QLineEdit::textChanged, &m_typed, qOverload<>(&QTimer::start));
    connect(&m_typed, &QTimer::timeout, this, [this] { emit searched(m_search->text().trimmed()); });
    connect(whole, &QToolButton::clicked, this, &EmbeddingMapBar::wholeAsked);
    connect(m_anew, &QToolButton::clicked, this, &EmbeddingMapBar::anewAsked);
}

int EmbeddingMapBar::samples() const
{
    return m_samples->currentData().toInt();
}

MapKind EmbeddingMapBar::kind() const
{
    return {MapMethod(m_method->currentData().toInt()), m_dimensions->currentData().toInt()};
}

MapColouring EmbeddingMapBar::colouring() const
{
    const int choice = m_colour->currentData().toInt();
    return choice == kApartChoice ? MapColouring{0, true} : MapColouring{choice, false};
}

void EmbeddingMapBar::setColumns(const std::vector<LabelColumn> &columns)
{
    const QString before = m_colour->currentText();
    const QSignalBlocker quiet(m_colour);
    m_colour->clear();
    for (size_t c = 0; c < columns.size(); ++c)
        m_colour->addItem(tr("by %1").arg(QString::fromStdString(columns[c].name)), int(c));
    if (columns.empty())
        m_colour->addItem(tr("one colour"), 0);
    m_colour->addItem(tr("by views apart"), kApartChoice);
    m_colour->setCurrentIndex(std::max(0, m_colour->findText(before)));
}

bool EmbeddingMapBar::lassoing() const
{
    return m_lasso->isChecked();
}

void EmbeddingMapBar::clearSearch()
{
    const QSignalBlocker quiet(m_search);
    m_search->clear();
}

} // namespace pretext
