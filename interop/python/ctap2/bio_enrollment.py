"""bioEnrollment: enrolling fingers by good and bad samples, their names, their removal, and what they verify."""

from ctap2.common import (
    BE,
    CM,
    ERR,
    FULL,
    GA,
    MC,
    PIN,
    UNKNOWN_SUB_COMMAND,
    Platform,
    Subject,
    get,
    make,
    options_of,
    refused,
)
from fido2.ctap2 import CaptureError, FPBioEnrollment
from harness import RP_ID, expect

CHECKS = Subject()
check = CHECKS.check
CMD = FPBioEnrollment.CMD
RESULT = FPBioEnrollment.RESULT
FEEDBACK = FPBioEnrollment.FEEDBACK
INVALID = ERR.PIN_AUTH_INVALID
UNKNOWN = b"no such template"


def enrol(bio):
    """Enrols a finger by good samples. Returns its template and how many they were."""
    enrolment, samples = bio.enroll(), 1
    while not (template := enrolment.capture()):
        samples += 1
    return template, samples


def feedback(enrolment):
    """The status of a sample."""
    try:
        enrolment.capture()
    except CaptureError as error:
        return FEEDBACK(error.code)
    return FEEDBACK.FP_GOOD


def verification(ctap):
    options = options_of(ctap)
    return options.get("uv"), options.get("bioEnroll")


def sensor(ctap):
    return FPBioEnrollment(ctap, None, None)


@check(*FULL)
def describes_its_sensor_to_everybody(ctap, stuntkey):
    expect(sensor(ctap).get_modality() == 1, "not a fingerprint sensor")
    info = sensor(ctap).get_fingerprint_sensor_info()
    expect(info[RESULT.FINGERPRINT_KIND] in (1, 2), f"fingerprintKind is {info[RESULT.FINGERPRINT_KIND]}")
    expect(info[RESULT.MAX_SAMPLES_REQUIRED] > 0, "no samples")
    expect(0 < info[RESULT.MAX_TEMPLATE_FRIENDLY_NAME] <= 64, "no name, or a long one")
    return f"up to {info[RESULT.MAX_SAMPLES_REQUIRED]} samples"


@check(*FULL)
def enrols_a_finger_which_then_verifies(ctap, stuntkey):
    platform = Platform(ctap)
    expect(verification(ctap) == (False, False), f"uv and bioEnroll are {verification(ctap)}")
    template, samples = enrol(platform.fingers())
    expect(verification(ctap) == (True, True), f"uv and bioEnroll are {verification(ctap)}")
    expect(list(platform.fingers().enumerate_enrollments()) == [template], "another template")
    made = platform.make_by(platform.client_pin.get_uv_token(MC, RP_ID))
    expect(made.auth_data.is_user_verified(), "UV is clear")
    expect(make(ctap, name="bob", options={"uv": True}).auth_data.is_user_verified(), "UV is clear")
    ctap.device.power_cycle()
    expect(verification(ctap) == (True, True), f"uv and bioEnroll are {verification(ctap)}")
    return f"{samples} samples"


@check(*FULL, "finger_samples=0,7,1,0")
def a_bad_sample_brings_the_enrolment_no_further(ctap, stuntkey):
    bio = Platform(ctap).fingers()
    enrolment = bio.enroll(timeout=10_000)
    expect(feedback(enrolment) is FEEDBACK.FP_GOOD, "the first sample is not good")
    remaining = enrolment.remaining
    for status in (FEEDBACK.FP_POOR_QUALITY, FEEDBACK.FP_TOO_HIGH):
        found = feedback(enrolment)
        expect(found is status, f"{found}, expected {status}")
        expect(enrolment.remaining == remaining, f"{enrolment.remaining} samples remain, not {remaining}")
    expect(feedback(enrolment) is FEEDBACK.FP_GOOD and enrolment.remaining < remaining, "no step on")
    while enrolment.remaining:
        enrolment.capture()
    expect(list(bio.enumerate_enrollments()) == [enrolment.template_id], "another template")


@check(*FULL, "finger_samples=13")
def a_sample_without_a_finger_is_no_sample(ctap, stuntkey):
    enrolment = Platform(ctap).fingers().enroll(timeout=10_000)
    try:
        found = feedback(enrolment)
    except Exception as error:
        expect(getattr(error, "code", None) == ERR.USER_ACTION_TIMEOUT, f"{error}")
        return str(error)
    expect(found is FEEDBACK.NO_USER_ACTIVITY, f"the status is {found}")
    return str(found)


@check(*FULL)
def a_cancelled_enrolment_leaves_nothing(ctap, stuntkey):
    platform = Platform(ctap)
    sensor(ctap).enroll_cancel()
    bio = platform.fingers()
    enrolment = bio.enroll()
    enrolment.capture()
    template = enrolment.template_id
    enrolment.cancel()
    no_longer = (ERR.INVALID_PARAMETER, ERR.INVALID_OPTION, ERR.NOT_ALLOWED)
    said = refused(no_longer, lambda: bio.enroll_capture_next(template))
    expect(bio.enumerate_enrollments() == {}, "a template")
    expect(verification(ctap) == (False, False), f"uv and bioEnroll are {verification(ctap)}")
    return said


@check(*FULL)
def a_new_enrolment_drops_the_unfinished_one(ctap, stuntkey):
    bio = Platform(ctap).fingers()
    unfinished = bio.enroll()
    unfinished.capture()
    template, _ = enrol(bio)
    expect(template != unfinished.template_id, "the same template")
    expect(list(bio.enumerate_enrollments()) == [template], "another template")


@check(*FULL)
def lists_no_fingers_at_first(ctap, stuntkey):
    bio = Platform(ctap).fingers()
    expect(bio.enumerate_enrollments() == {}, "a template")
    return refused(ERR.INVALID_OPTION, lambda: bio._call(CMD.ENUMERATE_ENROLLMENTS))


@check(*FULL)
def names_fingers(ctap, stuntkey):
    platform = Platform(ctap)
    bio = platform.fingers()
    templates = [enrol(bio)[0] for _ in range(2)]
    for template, name in zip(templates, ("left thumb", "\u00fcber")):
        bio.set_name(template, name)
    bio.set_name(templates[0], "right thumb")
    names = dict(zip(templates, ("right thumb", "\u00fcber")))
    expect(bio.enumerate_enrollments() == names, f"the names are {bio.enumerate_enrollments()}")
    longest = bio.get_fingerprint_sensor_info()[RESULT.MAX_TEMPLATE_FRIENDLY_NAME]
    bio.set_name(templates[0], "n" * longest)
    refused(ERR.INVALID_OPTION, lambda: bio.set_name(UNKNOWN, "name"))
    too_long = "n" * (longest + 1)
    return refused((ERR.INVALID_LENGTH, ERR.INVALID_PARAMETER), lambda: bio.set_name(templates[0], too_long))


@check(*FULL)
def removes_fingers(ctap, stuntkey):
    bio = Platform(ctap).fingers()
    first, second = [enrol(bio)[0] for _ in range(2)]
    bio.remove_enrollment(first)
    expect(list(bio.enumerate_enrollments()) == [second], "another template")
    said = refused(ERR.INVALID_OPTION, lambda: bio.remove_enrollment(first))
    expect(verification(ctap) == (True, True), f"uv and bioEnroll are {verification(ctap)}")
    bio.remove_enrollment(second)
    expect(verification(ctap) == (False, False), f"uv and bioEnroll are {verification(ctap)}")
    return said


@check(*FULL)
def a_reset_forgets_the_fingers(ctap, stuntkey):
    enrol(Platform(ctap).fingers())
    ctap.reset()
    expect(verification(ctap) == (False, False), f"uv and bioEnroll are {verification(ctap)}")
    expect(Platform(ctap).fingers().enumerate_enrollments() == {}, "a template")


@check(*FULL)
def enrols_nothing_without_its_permission(ctap, stuntkey):
    platform = Platform(ctap)
    template, _ = enrol(platform.fingers())
    for sub_command, params in (
        (CMD.ENROLL_BEGIN, {3: 10_000}),
        (CMD.ENROLL_CAPTURE_NEXT, {1: template}),
        (CMD.ENUMERATE_ENROLLMENTS, None),
        (CMD.SET_NAME, {1: template, 2: "name"}),
        (CMD.REMOVE_ENROLLMENT, {1: template}),
    ):
        refused(ERR.PUAT_REQUIRED, lambda: ctap.bio_enrollment(1, sub_command, params))
        refused(INVALID, lambda: ctap.bio_enrollment(1, sub_command, params, 2, bytes(32)))
        said = refused(INVALID, lambda: platform.fingers(CM)._call(sub_command, params))
    expect(list(platform.fingers().enumerate_enrollments()) == [template], "another template")
    return said


@check(*FULL)
def misses_what_belongs_to_an_enrolment(ctap, stuntkey):
    bio = Platform(ctap).fingers()
    for sub_command in (CMD.ENROLL_CAPTURE_NEXT, CMD.SET_NAME, CMD.REMOVE_ENROLLMENT):
        refused(ERR.MISSING_PARAMETER, lambda: bio._call(sub_command))
    return refused(UNKNOWN_SUB_COMMAND, lambda: bio._call(0x7E))


@check(*FULL, "uv_bio_enroll=false")
def a_finger_enrols_no_other_finger(ctap, stuntkey):
    platform = Platform(ctap)
    enrol(platform.fingers())
    return refused(ERR.UNAUTHORIZED_PERMISSION, lambda: platform.client_pin.get_uv_token(BE))


@check(*FULL, "uv_bio_enroll=true")
def a_finger_enrols_another_finger(ctap, stuntkey):
    platform = Platform(ctap)
    expect(ctap.info.options.get("uvBioEnroll") is True, f"the options are {ctap.info.options}")
    enrol(platform.fingers())
    bio = FPBioEnrollment(ctap, platform.protocol, platform.client_pin.get_uv_token(BE))
    enrol(bio)
    expect(len(bio.enumerate_enrollments()) == 2, "not 2 templates")


@check(*FULL, "user=present")
def a_finger_that_fails_leaves_the_pin(ctap, stuntkey):
    platform = Platform(ctap)
    enrol(platform.fingers())
    at_first = platform.client_pin.get_uv_retries()
    said = refused((ERR.UV_INVALID, ERR.UV_BLOCKED), lambda: platform.client_pin.get_uv_token(GA, RP_ID))
    expect(platform.client_pin.get_uv_retries() < at_first, "a failure costs nothing")
    refused(ERR.PUAT_REQUIRED, lambda: make(ctap, options={"uv": True}))
    made = platform.make()
    expect(platform.get(allowed=[made]).auth_data.is_user_verified(), "UV is clear")
    expect(not get(ctap, allowed=[made]).auth_data.is_user_verified(), "UV without a token")
    return said


@check(*FULL, "previews=true")
def an_old_client_enrols_by_the_preview(ctap, stuntkey):
    expect("userVerificationMgmtPreview" in ctap.info.options, f"the options are {ctap.info.options}")
    ctap.info.options.pop("bioEnroll", None)
    platform = Platform(ctap)
    template, _ = enrol(platform.fingers())
    platform.fingers().set_name(template, "left thumb")
    expect(platform.fingers().enumerate_enrollments() == {template: "left thumb"}, "another name")
    platform.fingers().remove_enrollment(template)
    expect(platform.fingers().enumerate_enrollments() == {}, "a template")


@check(*FULL)
def the_pin_is_still_good_beside_fingers(ctap, stuntkey):
    platform = Platform(ctap)
    enrol(platform.fingers())
    platform.client_pin.change_pin(PIN, PIN + "5")
    token = platform.client_pin.get_pin_token(PIN + "5", BE)
    expect(len(FPBioEnrollment(ctap, platform.protocol, token).enumerate_enrollments()) == 1, "not 1 template")
