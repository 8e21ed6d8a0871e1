// Every method of images in front of every panel: the one that it is best watched in shows it, and no other stays empty without a sentence.
#include "toydata.h"
#include "widgets/canvaswidget/canvascontent.h"
#include "widgets/canvaswidget/canvaswidget.h"
#include "widgets/panel.h"
#include "widgets/selection.h"
#include "widgets/workbench.h"
#include "windowfixture.h"

#include <QtTest>

#include <map>
#include <memory>

using namespace pretext;

namespace {

/// By which channel a panel is fed.
const std::map<QString, std::string> kFeeds = {
    {QStringLiteral("viewpairs"), "views/pixels"},
    {QStringLiteral("similarity"), "similarity"},
    {QStringLiteral("histogram"), "similarity"},
    {QStringLiteral("reconstruction"), "reconstruction/output"},
    {QStringLiteral("taskpredictions"), "targets/guesses"},
    {QStringLiteral("prototypes"), "prototypes/shares"},
    {QStringLiteral("attention"), "patches/attention"},
};

/// What a panel shows: how many pictures, and its words.
struct Seen
{
    size_t pictures = 0;
    QStringList texts;
    QString description;
};

Seen shownBy(Panel &panel, const Theme &theme)
{
    auto *content = dynamic_cast<CanvasContent *>(&panel);
    if (!content)
        return {};
    test::CatchingCanvas canvas({700, 500}, theme);
    content->draw(canvas);
    Seen shown{canvas.images.size(), {}, content->description()};
    for (const auto &[text, at] : canvas.texts)
        shown.texts << text;
    return shown;
}

} // namespace

class TestMethodPanels : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { test::useOwnSettings("pretext-tst-methodpanels"); }

    void everyMethodIsShownOrItIsSaidWhyNot_data()
    {
        QTest::addColumn<QString>("method");
        for (const MethodType &type : methodTypes())
            if (trainsOn(type, Modality::image))
                QTest::newRow(type.name.c_str()) << QString::fromStdString(type.name);
    }
    void everyMethodIsShownOrItIsSaidWhyNot()
    {
        QFETCH(QString, method);
        const MethodType &type = methodType(method.toStdString());
        Workbench workbench;
        Run &run = *workbench.add();
        Selection selection;
        std::map<QString, std::unique_ptr<Panel>> panels;
        for (const PanelType &panel : panelTypes()) {
            panels[panel.name].reset(panel.make({&workbench, &run, &selection, panel.of}));
            panels[panel.name]->resize(700, 500);
            panels[panel.name]->show();
            QVERIFY(QTest::qWaitForWindowExposed(panels[panel.name].get()));
        }
        TrainerOptions options = toyOptions(3);
        options.config = toyConfig(3, type.name, "convnet");
        options.dataset = toyImagesFor(type.name);
        run.start(options);
        QTRY_COMPARE_WITH_TIMEOUT(run.status().state, TrainerState::ended, 60000);
        QTRY_VERIFY(run.snapshot() && run.snapshot()->step == 3);
        const Theme theme = Theme::of(panels.at("viewpairs").get());
        for (const auto &[name, panel] : panels) {
            if (!panel->findChild<CanvasWidget *>())
                continue; // made of widgets, not drawn
            Seen shown = shownBy(*panel, theme);
            QVERIFY2(shown.description.size() > 20, qPrintable(name));
            QVERIFY2(shown.pictures > 0 || shown.texts.join(u' ').size() > 20, qPrintable(name));
            const auto fed = kFeeds.find(name);
            if (name == QString::fromStdString(type.panel) || (fed != kFeeds.end() && run.snapshot()->offered.contains(fed->second)))
                QTRY_VERIFY2_WITH_TIMEOUT((shown = shownBy(*panel, theme)).pictures > 0, qPrintable(name + ": " + shown.description), 20000);
            else if (fed != kFeeds.end())
                QVERIFY2(shown.pictures == 0 && shown.description.endsWith(u'.'), qPrintable(name + ": " + shown.description));
        }
    }
};

QTEST_MAIN(TestMethodPanels)
#include "tst_methodpanels.moc"
