// Fingers.

#include "checks.h"

#include <fido/bio.h>

#include <string.h>

#define TIMEOUT 10000

static fido_bio_template_t *enrolled(fido_dev_t *device)
{
    fido_bio_template_t *finger = fido_bio_template_new();
    fido_bio_enroll_t *enrolment = fido_bio_enroll_new();
    OK(fido_bio_dev_enroll_begin(device, finger, enrolment, TIMEOUT, PIN));
    // Each sample is good, as the user does well.
    EXPECT(fido_bio_enroll_last_status(enrolment) == FIDO_BIO_ENROLL_FP_GOOD);
    for (int samples = 1; fido_bio_enroll_remaining_samples(enrolment) > 0; samples++) {
        EXPECT(samples < 100);
        OK(fido_bio_dev_enroll_continue(device, finger, enrolment, TIMEOUT));
        EXPECT(fido_bio_enroll_last_status(enrolment) == FIDO_BIO_ENROLL_FP_GOOD);
    }
    EXPECT(fido_bio_template_id_len(finger) > 0);
    fido_bio_enroll_free(&enrolment);
    return finger;
}

static fido_bio_template_array_t *list_of(fido_dev_t *device)
{
    fido_bio_template_array_t *list = fido_bio_template_array_new();
    OK(fido_bio_dev_get_template_array(device, list, PIN));
    return list;
}

static void expect_none(fido_dev_t *device)
{
    fido_bio_template_array_t *list = fido_bio_template_array_new();
    REFUSED(FIDO_ERR_INVALID_OPTION, fido_bio_dev_get_template_array(device, list, PIN));
    fido_bio_template_array_free(&list);
}

static void sensor(fido_dev_t *device)
{
    fido_bio_info_t *info = fido_bio_info_new();
    OK(fido_bio_dev_get_info(device, info));
    // A sensor to touch is 1, one to swipe 2.
    EXPECT(fido_bio_info_type(info) == 1 || fido_bio_info_type(info) == 2);
    EXPECT(fido_bio_info_max_samples(info) > 0);
    detail("%u samples", fido_bio_info_max_samples(info));
    fido_bio_info_free(&info);
}

static void enrols(fido_dev_t *device)
{
    OK(fido_dev_set_pin(device, PIN, NULL));
    expect_none(device);
    EXPECT(!option(device, "uv") && !option(device, "bioEnroll"));
    fido_bio_template_t *finger = enrolled(device);
    EXPECT(option(device, "uv") && option(device, "bioEnroll"));
    fido_bio_template_array_t *list = list_of(device);
    EXPECT(fido_bio_template_array_count(list) == 1);
    const fido_bio_template_t *listed = fido_bio_template(list, 0);
    EXPECT(fido_bio_template_id_len(listed) == fido_bio_template_id_len(finger));
    EXPECT(memcmp(fido_bio_template_id_ptr(listed), fido_bio_template_id_ptr(finger),
                  fido_bio_template_id_len(listed)) == 0);
    fido_bio_template_array_free(&list);
    fido_bio_template_free(&finger);
}

static void names(fido_dev_t *device)
{
    OK(fido_dev_set_pin(device, PIN, NULL));
    fido_bio_template_t *finger = enrolled(device);
    OK(fido_bio_template_set_name(finger, "left thumb"));
    REFUSED(FIDO_ERR_PIN_INVALID, fido_bio_dev_set_template_name(device, finger, WRONG_PIN));
    OK(fido_bio_dev_set_template_name(device, finger, PIN));
    fido_bio_template_array_t *list = list_of(device);
    const char *name = fido_bio_template_name(fido_bio_template(list, 0));
    EXPECT(name != NULL && strcmp(name, "left thumb") == 0);
    fido_bio_template_array_free(&list);
    fido_bio_template_free(&finger);
}

static void removes(fido_dev_t *device)
{
    OK(fido_dev_set_pin(device, PIN, NULL));
    fido_bio_template_t *first = enrolled(device);
    fido_bio_template_t *second = enrolled(device);
    OK(fido_bio_dev_enroll_remove(device, first, PIN));
    fido_bio_template_array_t *list = list_of(device);
    EXPECT(fido_bio_template_array_count(list) == 1 && option(device, "uv"));
    REFUSED(FIDO_ERR_INVALID_OPTION, fido_bio_dev_enroll_remove(device, first, PIN));
    OK(fido_bio_dev_enroll_remove(device, second, PIN));
    expect_none(device);
    EXPECT(!option(device, "uv") && !option(device, "bioEnroll"));
    fido_bio_template_array_free(&list);
    fido_bio_template_free(&first);
    fido_bio_template_free(&second);
}

static void cancels(fido_dev_t *device)
{
    OK(fido_dev_set_pin(device, PIN, NULL));
    fido_bio_template_t *finger = fido_bio_template_new();
    fido_bio_enroll_t *enrolment = fido_bio_enroll_new();
    OK(fido_bio_dev_enroll_begin(device, finger, enrolment, TIMEOUT, PIN));
    OK(fido_bio_dev_enroll_cancel(device));
    EXPECT(fido_bio_dev_enroll_continue(device, finger, enrolment, TIMEOUT) != FIDO_OK);
    expect_none(device);
    fido_bio_enroll_free(&enrolment);
    fido_bio_template_free(&finger);
}

static void verifies_the_user(fido_dev_t *device)
{
    OK(fido_dev_set_pin(device, PIN, NULL));
    fido_bio_template_t *finger = enrolled(device);
    open_again(device);
    EXPECT(fido_dev_has_uv(device) && fido_dev_supports_permissions(device));
    fido_cred_t *credential = new_credential(COSE_ES256, "alice");
    OK(fido_cred_set_rk(credential, FIDO_OPT_TRUE));
    OK(fido_cred_set_uv(credential, FIDO_OPT_TRUE));
    make(device, credential, NULL);
    fido_assert_t *assertion = new_assertion(NULL);
    OK(fido_assert_set_uv(assertion, FIDO_OPT_TRUE));
    OK(fido_dev_get_assert(device, assertion, NULL));
    OK(verify(assertion, 0, credential));
    int retries = 0;
    OK(fido_dev_get_uv_retry_count(device, &retries));
    EXPECT(retries > 0);
    detail("%d retries", retries);
    fido_assert_free(&assertion);
    fido_cred_free(&credential);
    fido_bio_template_free(&finger);
}

const struct check finger_checks[] = {
    {"bioEnrollment: the sensor is described", sensor, NULL},
    {"bioEnrollment: a finger is enrolled and listed, and getInfo says so", enrols, NULL},
    {"bioEnrollment: a finger gets a name", names, NULL},
    {"bioEnrollment: fingers are removed, and with the last goes user verification", removes, NULL},
    {"bioEnrollment: an enrolment is cancelled", cancels, NULL},
    {"a finger verifies the user, in both ceremonies", verifies_the_user, NULL},
    {NULL, NULL, NULL},
};
