// Sets the PIN of the authenticator that the provider has.
//
// Usage: set_pin PIN

#include "provider.h"

#include <stdio.h>

int main(int count, char *arguments[])
{
    if (count != 2) {
        fprintf(stderr, "usage: %s PIN\n", arguments[0]);
        return 2;
    }
    fido_dev_t *device = provider_open();
    if (device == NULL) return 1;
    int result = RESULT(fido_dev_set_pin(device, arguments[1], NULL));
    provider_close(&device);
    return result == 0 ? 0 : 1;
}
