// Widgets side by side that go on in a further row where the first is full: bars of tools in narrow panels. What wants to grow shares the rest of its row.
#pragma once

#include <QLayout>

#include <memory>
#include <vector>

namespace pretext {

class WrapLayout : public QLayout
{
public:
    explicit WrapLayout(QWidget *parent = nullptr);
    ~WrapLayout() override;

    void addItem(QLayoutItem *item) override { m_items.emplace_back(item); }
    int count() const override { return int(m_items.size()); }
    QLayoutItem *itemAt(int index) const override;
    QLayoutItem *takeAt(int index) override;
    Qt::Orientations expandingDirections() const override { return Qt::Horizontal; }
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override { return placeRows(QRect(0, 0, width, 0), false); }
    void setGeometry(const QRect &area) override;
    /// In one row.
    QSize sizeHint() const override;
    /// Of the widest item alone.
    QSize minimumSize() const override;

private:
    int placeRows(const QRect &area, bool moves) const;
    int placeRow(const std::vector<QLayoutItem *> &row, const QRect &inner, int top, bool moves) const;
    int gap() const { return spacing() < 0 ? 6 : spacing(); }

    std::vector<std::unique_ptr<QLayoutItem>> m_items;
};

} // namespace pretext
