/* SPDX-License-Identifier: Apache-2.0 */
/* Our own rules about programs, as the build compiled them (tools/capabilities.c). */
#include "engine/session_in.h"

static const uint8_t compiled[] = {
#include "capabilities.inc"
};

gh_bytes gh_session_own_caps(void)
{
	return gh_view(compiled, sizeof compiled);
}
