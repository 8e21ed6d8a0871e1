#include "widgets/resources.h"

#include <QtGlobal>
#include <QResource>

static void initialise()
{
    Q_INIT_RESOURCE(resources);
} // the macro wants the global namespace

namespace pretext {

void useResources()
{
    static const bool once = (initialise(), true);
    Q_UNUSED(once);
}

} // namespace pretext
