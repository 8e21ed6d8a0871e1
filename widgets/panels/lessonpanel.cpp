// Lesson: a guided text beside the live panels. A lesson is a Markdown file and a session file of the same name in resources/lessons.
#include "widgets/panel.h"
#include "widgets/resources.h"
#include "widgets/workbench.h"

#include <QCoreApplication>
#include <QComboBox>
#include <QDir>
#include <QEvent>
#include <QHBoxLayout>
#include <QPushButton>
#include <QTextBrowser>

namespace pretext {

namespace {

QString readText(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

} // namespace

class LessonPanel : public Panel
{
    Q_DECLARE_TR_FUNCTIONS(pretext::LessonPanel)
public:
    explicit LessonPanel(const PanelContext &context);
    bool showsAllRuns() const override { return true; }

protected:
    void changeEvent(QEvent *event) override;

private:
    void showLesson();

    QComboBox *m_lessons;
    QTextBrowser *m_text;
};

LessonPanel::LessonPanel(const PanelContext &context) : Panel(context), m_lessons(new QComboBox(this)), m_text(new QTextBrowser(this))
{
    useResources();
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(4, 4, 4, 4);
    column->setSpacing(3);
    auto *row = new QHBoxLayout;
    column->addLayout(row);
    column->addWidget(m_text, 1);
    auto *start = new QPushButton(tr("Start this lesson"), this);
    start->setToolTip(tr("Sets the job and the panels as the lesson expects them. The run so far stays in its folder."));
    row->addWidget(m_lessons, 1);
    row->addWidget(start);
    m_lessons->setAccessibleName(tr("Lesson"));
    m_lessons->setObjectName("lessons"); // Help > Lessons chooses there
    m_text->setOpenExternalLinks(true);
    m_text->setFrameShape(QFrame::NoFrame);
    for (const QString &file : QDir(":/lessons").entryList({"*.md"}, QDir::Files, QDir::Name)) {
        const QString path = ":/lessons/" + file;
        m_lessons->addItem(readText(path).section('\n', 0, 0).remove('#').trimmed(), path);
    }
    connect(m_lessons, &QComboBox::currentIndexChanged, this, &LessonPanel::showLesson);
    connect(start, &QPushButton::clicked, this, [this] { workbench().requestSession(m_lessons->currentData().toString().replace(".md", ".json")); });
    showLesson();
}

void LessonPanel::showLesson()
{
    m_text->document()->setDefaultFont(m_text->font());
    const QString text = readText(m_lessons->currentData().toString());
    m_text->setMarkdown(text.section('\n', 1)); // the title stands above
}

void LessonPanel::changeEvent(QEvent *event)
{
    Panel::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::PaletteChange)
        showLesson();
}

Panel *makeLessonPanel(const PanelContext &context)
{
    return new LessonPanel(context);
}

} // namespace pretext
