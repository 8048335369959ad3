"""The demo region: a plainly synthetic population and the people who play a compliance year.

`population` draws companies from a seed (pure), `cast` names the few everybody meets, `steps` plays one compliance
year through the services of the rooms as officers, companies, verifiers and exchange staff would, `year` runs it and
`services` fills the database that `up` serves. Nothing here is ever loaded into a database that is not marked demo.
"""
