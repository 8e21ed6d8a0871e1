#include "widgets/controls/sidebysidebar.h"

#include "widgets/controls/linkbutton.h"
#include "widgets/help/glossary.h"
#include "widgets/workbench.h"

#include <QHBoxLayout>
#include <QPushButton>

namespace pretext {

SideBySideBar::SideBySideBar(Workbench *workbench, QWidget *parent)
    : QFrame(parent)
    , m_workbench(workbench)
    , m_link(new LinkButton(this))
    , m_left(new QPushButton(tr("Keep left"), this))
    , m_right(new QPushButton(tr("Keep right"), this))
{
    setFrameShape(QFrame::StyledPanel);
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(6, 2, 6, 2);
    m_link->setObjectName("linkAll");
    m_link->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    row->addWidget(m_link);
    row->addStretch(1);
    row->addWidget(m_left);
    row->addWidget(m_right);
    for (QPushButton *button : {m_left, m_right})
        button->setFocusPolicy(Qt::TabFocus);
    setTerm(this, "part/side by side");
    connect(m_link, &LinkButton::linkAsked, this, [this](bool linked) { m_workbench->sideBySide()->linkAll(linked); });
    connect(
        m_left, &QPushButton::clicked, workbench, [workbench] { workbench->requestAlone(false); }, Qt::QueuedConnection);
    connect(
        m_right, &QPushButton::clicked, workbench, [workbench] { workbench->requestAlone(true); }, Qt::QueuedConnection);
    connect(workbench, &Workbench::sideBySideChanged, this, &SideBySideBar::follow);
    follow();
}

void SideBySideBar::follow()
{
    if (const SideBySide *together = m_workbench->sideBySide()) {
        connect(together, &SideBySide::linksChanged, this, &SideBySideBar::update);
        connect(together, &SideBySide::titlesChanged, this, &SideBySideBar::update);
    }
    update();
}

void SideBySideBar::update()
{
    const SideBySide *together = m_workbench->sideBySide();
    setVisible(together);
    if (!together)
        return;
    m_link->setLinked(together->allLinked());
    const RunConfig &left = together->left()->config(), &right = together->right()->config();
    const bool alike = left.method == right.method && left.encoder == right.encoder;
    m_link->setText(!together->allLinked() ? tr("not all linked") : alike ? tr("all knobs linked") : tr("knobs of both linked"));
    m_link->setToolTip(together->allLinked()
                           ? tr("A change of any knob goes to both runs. A click gives each run values of its own; the chain beside a knob does it for "
                                "that one.")
                           : tr("A click gives both runs the left one's values, and a change goes to both again."));
    const QString saved = tr("Ends side by side and goes on with this run: %1. The other keeps its folder, with its last step saved.");
    m_left->setToolTip(saved.arg(together->name(together->left())));
    m_right->setToolTip(saved.arg(together->name(together->right())));
}

} // namespace pretext
