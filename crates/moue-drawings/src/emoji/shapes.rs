//! Blendshapes of both sides of a face by one name, to write poses in few words.

use crate::blendshapes::Blendshapes;

/// Defines setters: each sets its fields to one value.
macro_rules! setters {
    ($($name:ident: $($field:ident),+;)+) => {
        impl Blendshapes {
            $(
                pub(super) const fn $name(mut self, value: f32) -> Self {
                    $(self.$field = value;)+
                    self
                }
            )+
        }
    };
}

setters! {
    smile: mouth_smile_left, mouth_smile_right;
    smile_left: mouth_smile_left;
    smile_right: mouth_smile_right;
    frown: mouth_frown_left, mouth_frown_right;
    frown_left: mouth_frown_left;
    stretch: mouth_stretch_left, mouth_stretch_right;
    upper_lip: mouth_upper_up;
    lower_lip: mouth_lower_down;
    press: mouth_press;
    shrug: mouth_shrug_lower;
    pucker: mouth_pucker;
    funnel: mouth_funnel;
    mouth_left: mouth_left;
    jaw: jaw_open;
    tongue: tongue_out;
    puff: cheek_puff;
    cheeks: cheek_squint_left, cheek_squint_right;
    cheeks_left: cheek_squint_left;
    cheeks_right: cheek_squint_right;
    sneer: nose_sneer_left, nose_sneer_right;
    blink: eye_blink_left, eye_blink_right;
    blink_left: eye_blink_left;
    blink_right: eye_blink_right;
    squint: eye_squint_left, eye_squint_right;
    squint_right: eye_squint_right;
    wide: eye_wide_left, eye_wide_right;
    wide_left: eye_wide_left;
    look_left: eye_look_left;
    look_up: eye_look_up;
    inner_brows: brow_inner_up;
    brows_up: brow_outer_up_left, brow_outer_up_right;
    brows_up_left: brow_outer_up_left;
    brows_up_right: brow_outer_up_right;
    brows_down: brow_down_left, brow_down_right;
    brows_down_left: brow_down_left;
    brows_down_right: brow_down_right;
}
