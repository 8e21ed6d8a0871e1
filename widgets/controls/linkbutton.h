// The chain beside a knob of two runs side by side: closed while a change goes to both; a click opens it, and then each has a value of its own.
#pragma once

#include <QString>
#include <QToolButton>

namespace pretext {

class LinkButton : public QToolButton
{
    Q_OBJECT
public:
    explicit LinkButton(QWidget *parent = nullptr);
    void setLinked(bool linked); // silent
    bool isLinked() const { return m_linked; }

signals:
    void linkAsked(bool linked);

protected:
    void changeEvent(QEvent *event) override;

private:
    void show();

    bool m_linked = true;
};

/// A dot in the colour of the left or the right run, as rich text, and the colour.
QString sideMark(bool right, const QPalette &palette);
QColor sideColour(bool right, const QPalette &palette);

} // namespace pretext
