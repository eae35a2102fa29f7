"""The rules for documents from which a client can be generated without losing their meaning."""

from collections.abc import Callable, Iterator

from strict_clients.breaches import Breach
from strict_clients.check import (
    behaviour,
    bodies,
    endpoints,
    extensions,
    limits,
    names,
    references,
    removals,
    schemas,
    specification,
    tokens,
    unions,
)
from strict_clients.load import Document

Rule = Callable[[Document], Iterator[Breach]]

SHAPE: tuple[tuple[Rule, ...], ...] = (
    (specification.version_is_supported, specification.statuses_are_supported),
    (specification.document_follows_specification,),
    (
        specification.schemas_follow_specification,
        schemas.schemas_are_objects,
        extensions.extensions_are_spelled,
        extensions.extensions_are_placed,
        extensions.extensions_have_their_shape,
    ),
    (
        references.references_are_local,
        references.references_come_to_an_end,
    ),
    (references.inheritance_comes_to_an_end,),
)
"""Rules for a document before it is completed, in stages; each stage relies on the ones before it."""
MEANING: tuple[tuple[Rule, ...], ...] = (
    (
        references.schemas_are_small,
        references.chains_are_short,
    ),
    (
        schemas.keywords_are_supported,
        schemas.consts_are_plain,
        schemas.all_of_is_plain,
        limits.limits_leave_room,
        limits.server_defaults_are_listed,
        endpoints.fields_are_supported,
        endpoints.server_is_supported,
        endpoints.paths_match_their_parameters,
        endpoints.paths_are_distinct,
        endpoints.parameters_are_plain,
        endpoints.parameters_are_distinct,
        endpoints.security_schemes_are_sendable,
        bodies.contents_are_supported,
        bodies.encodings_are_supported,
        bodies.files_stay_out_of_json,
        bodies.encodings_of_texts_are_supported,
        unions.unions_are_plain,
        unions.discriminators_choose_classes,
        names.view_names_are_distinct,
        names.class_names_are_distinct,
        names.names_of_files_are_short,
        extensions.sdk_is_named,
        extensions.environment_variables_are_distinct,
        extensions.client_arguments_are_distinct,
        tokens.token_credentials_send_tokens,
        tokens.tokens_stay_at_the_service,
        extensions.client_request_ids_have_their_header,
        extensions.display_names_cover_the_enum,
        extensions.varnames_fit_their_enum,
        extensions.spellings_name_a_property,
        extensions.read_as_resolves_types,
        extensions.views_open_an_open_value,
        behaviour.pagination_names_parameters,
        behaviour.pagination_leads_into_the_answer,
        behaviour.errors_stand_on_errors,
        behaviour.errors_always_match,
        behaviour.wait_attributes_are_free,
        behaviour.error_classes_mean_one_thing,
        behaviour.emulator_collection_is_a_parameter,
        behaviour.emulator_examples_name_parameters,
        removals.replacements_are_operations,
        removals.replaced_operations_are_gone,
    ),
    (references.references_stand_in_their_place,),
)
"""Rules for a completed document, whose meaning would otherwise be lost."""
RULES: tuple[Rule, ...] = tuple(rule for stage in (*SHAPE, *MEANING) for rule in stage)
